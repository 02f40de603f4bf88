import type { SourceLocation, SourceOptions } from "@x/layers";
import { type FileSource, type JsonObject, openSource, shown } from "@x/layers/model";
import type { EncodeOptions, Encoding, Truncation, WindowOptions } from "./encoding.ts";
import { booleanField, numberField, stringField } from "./stages/fields.ts";
import { jsonPipeline } from "./files/json-pipeline.ts";
import { keptLengths, windowsOf } from "./length.ts";
import type { Pipeline } from "./stages/pipeline.ts";
import { type SpecialTokens, specialTokensFrom } from "./files/special-tokens.ts";
import { type Template } from "./stages/template.ts";
import { type PadOptions, padded, TextBatch } from "./text-batch.ts";
import { normalizedText, type Token, tokenEncoder } from "./text-encoder.ts";
import { TokenizerError } from "./stages/tokenizer-error.ts";
import { type FileContent, findTokenizer, readTokenizer, type Side, type TokenizerParts } from "./files/tokenizer-files.ts";
import { cleanUpSpaces } from "./stages/clean-up.ts";

export interface TokenizerOptions {
  /** Which language's texts are encoded, where each has a model of its own (Marian). Default "source". */
  readonly side?: Side | undefined;
}

export interface DecodeOptions {
  /** Leaves out [CLS], padding and the like. Default false. */
  readonly skipSpecialTokens?: boolean | undefined;
  /** Takes out spaces before punctuation and in contractions: "do n't ." → "don't." Default: what the files declare, else false. */
  readonly cleanUp?: boolean | undefined;
}

/** Text → ids → text, as the checkpoint was trained with. */
export class Tokenizer {
  /** Ids of [PAD], [CLS] and so on. */
  readonly special: SpecialTokens;
  /** Every id that `skipSpecialTokens` leaves out. */
  readonly specialIds: ReadonlySet<number>;
  /** Most tokens that the model takes, special ones included, as the files declare; undefined when they don't. */
  readonly maxLength: number | undefined;
  /** Which end of a shorter text is padded. */
  readonly paddingSide: "left" | "right";
  /** Number of ids, added tokens included. */
  readonly vocabSize: number;
  /** The files that it was read from, by name: written beside a saved model, they make the same tokenizer. */
  readonly files: ReadonlyMap<string, FileContent>;
  readonly #pipeline: Pipeline;
  readonly #cleansUp: boolean;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #tokens: Map<number, string>;
  readonly #encodeText: (text: string) => Token[];

  private constructor({ pipeline, config, files }: TokenizerParts) {
    this.#pipeline = pipeline;
    this.files = files;
    const added = new Map(pipeline.addedTokens.map(({ content, id }) => [content, id]));
    this.#ids = new Map([...pipeline.vocabulary, ...added]);
    this.#tokens = new Map([...this.#ids].map(([token, id]) => [id, token]));
    for (const { id, content, normalized } of pipeline.addedTokens) if (normalized) this.#tokens.set(id, normalizedText(pipeline, content));
    this.vocabSize = this.#tokens.size;
    this.special = specialTokensFrom(
      config,
      (token) => this.#ids.get(token),
      (token) => added.get(token),
    );
    const named = Object.values(this.special).filter((id) => id !== undefined);
    this.specialIds = new Set([...named, ...pipeline.addedTokens.filter(({ special }) => special).map(({ id }) => id)]);
    const limit = numberField(config, "model_max_length", Infinity);
    this.maxLength = limit < 1e9 ? limit : undefined; // Hugging Face writes 1e30 for no limit
    this.paddingSide = stringField(config, "padding_side", "right") === "left" ? "left" : "right";
    this.#cleansUp = booleanField(config, "clean_up_tokenization_spaces", false);
    this.#encodeText = tokenEncoder(pipeline);
  }

  /**
   * From a repository on the hub, a folder, an address, or files in memory. Takes the first it finds of `tokenizer.json`; `source.spm` with
   * `vocab.json` (Marian); `vocab.json` with `merges.txt` (CLIP); `bpe_simple_vocab_16e6.txt(.gz)` (OpenAI's CLIP); `spiece.model` or another
   * SentencePiece file; `vocab.txt` (WordPiece). `tokenizer_config.json` and `special_tokens_map.json` are heeded if they are there.
   * @throws CheckpointError when no such file can be read
   * @throws TokenizerError when a file asks for something unknown
   */
  static async fromPretrained(where: SourceLocation, options: SourceOptions & TokenizerOptions = {}): Promise<Tokenizer> {
    return Tokenizer.fromSource(await openSource(where, options), options);
  }

  /** The same from a place that is already open, such as `openPretrained(…).source`. Throws as `fromPretrained`. */
  static async fromSource(source: FileSource, options: TokenizerOptions = {}): Promise<Tokenizer> {
    const { side = "source" } = options;
    return new Tokenizer(await readTokenizer(source, side));
  }

  /** The same; undefined where no tokenizer's files lie. For models, whose checkpoints may come without one. */
  static async findIn(source: FileSource, options: TokenizerOptions = {}): Promise<Tokenizer | undefined> {
    const { side = "source" } = options;
    const found = await findTokenizer(source, side);
    return found && new Tokenizer(found);
  }

  /** From the content of `tokenizer.json` and, if there is one, `tokenizer_config.json`. @throws TokenizerError when it asks for something unknown */
  static fromJson(json: JsonObject, config: JsonObject = {}): Tokenizer {
    const files = new Map([
      ["tokenizer.json", `${JSON.stringify(json)}\n`],
      ["tokenizer_config.json", `${JSON.stringify(config, null, 2)}\n`],
    ]);
    return new Tokenizer({ pipeline: jsonPipeline(json), config, files });
  }

  tokenToId(token: string): number | undefined {
    return this.#ids.get(token);
  }

  idToToken(id: number): string | undefined {
    return this.#tokens.get(id);
  }

  /** One text, or a pair, as ids. @throws TokenizerError when it is longer than `maxLength` and `truncation` doesn't say what to cut */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    const { pair, truncation = "error", maxLength = this.maxLength ?? Infinity } = options;
    if (typeof text !== "string") throw new TokenizerError(`encode: a text is needed, but ${shown(text)} came`);
    const [first, second] = [this.#encodeText(text), pair === undefined ? undefined : this.#encodeText(pair)];
    const template = this.#template(second !== undefined, options);
    const room = maxLength - specialCount(template);
    const [kept, keptSecond] = this.#keptLengths([first.length, second?.length ?? 0], room, truncation, maxLength);
    return assemble(template, first.slice(0, kept), second?.slice(0, keptSecond) ?? []);
  }

  /**
   * A long text in several windows that overlap by `stride` tokens; a pair's other text stands whole in each. At least one.
   * @throws TokenizerError when the other text leaves no room for more than `stride` tokens
   */
  encodeWindows(text: string, options: WindowOptions = {}): Encoding[] {
    const { pair, stride = 0, maxLength = this.maxLength ?? Infinity } = options;
    const texts = [this.#encodeText(text), pair === undefined ? [] : this.#encodeText(pair)] as const;
    const cut = options.window === "first" || pair === undefined ? 0 : 1;
    const template = this.#template(pair !== undefined, options);
    const whole = texts[1 - cut] ?? [];
    const size = maxLength - specialCount(template) - whole.length;
    if (size <= stride || stride < 0) {
      throw new TokenizerError(
        `encodeWindows: ${maxLength} tokens leave room for ${size} of the text, which must be more than the stride, ${stride}`,
      );
    }
    return windowsOf(texts[cut].length, size, stride).map(([begin, end]) => {
      const window = texts[cut].slice(begin, end);
      return cut === 0 ? assemble(template, window, whole) : assemble(template, whole, window);
    });
  }

  /** Each text by itself, as `encode`. */
  encodeBatch(texts: readonly string[], options: EncodeOptions = {}): Encoding[] {
    return texts.map((text) => this.encode(text, options));
  }

  /**
   * Encodings of any lengths → one batch (B, N). The caller, or the scope around, frees it.
   * @throws TokenizerError when lengths differ and there is no padding token
   */
  pad(encodings: readonly Encoding[], options: PadOptions = {}): TextBatch {
    return new TextBatch(...padded(encodings, this.special.pad, this.paddingSide, options));
  }

  /** Ids → text. @throws TokenizerError when an id is in no vocabulary */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    const { skipSpecialTokens = false, cleanUp = this.#cleansUp } = options;
    const kept = Array.from(ids).filter((id) => !skipSpecialTokens || !this.specialIds.has(id));
    const tokens = kept.map((id) => {
      const token = this.#tokens.get(id);
      if (token === undefined) throw new TokenizerError(`decode: the vocabulary has no id ${id}`);
      return token;
    });
    const text = tokens.length > 0 ? this.#pipeline.decode(tokens) : "";
    return cleanUp ? cleanUpSpaces(text) : text;
  }

  #template(isPair: boolean, { addSpecialTokens = true }: Pick<EncodeOptions, "addSpecialTokens">): Template["single"] {
    const template = isPair ? this.#pipeline.template.pair : this.#pipeline.template.single;
    return addSpecialTokens ? template : template.filter((item) => "sequence" in item);
  }

  #keptLengths([first, second]: readonly [number, number], room: number, truncation: Truncation, maxLength: number): [number, number] {
    if (first + second <= room) return [first, second];
    const length = first + second + maxLength - room;
    if (truncation === "error") {
      const advice = "say how to shorten it with `truncation`, or use encodeWindows";
      throw new TokenizerError(`encode: the text is ${length} tokens long, but at most ${maxLength} are allowed; ${advice}`);
    }
    const kept = keptLengths(first, second, room, truncation);
    if (!kept) {
      throw new TokenizerError(`encode: the text is ${length} tokens long and can't be shortened to ${maxLength} by "${truncation}"`);
    }
    return kept;
  }
}

const specialCount = (template: Template["single"]): number =>
  template.reduce((count, item) => count + ("ids" in item ? item.ids.length : 0), 0);

/** Puts the texts into the template. */
function assemble(template: Template["single"], first: readonly Token[], second: readonly Token[]): Encoding {
  const ids: number[] = [];
  const typeIds: number[] = [];
  const offsets: [number, number][] = [];
  const sequenceIds: (0 | 1 | null)[] = [];
  const wordIds: (number | null)[] = [];
  for (const item of template) {
    const sequence = "sequence" in item ? item.sequence : null;
    const tokens = "ids" in item ? item.ids.map((id) => ({ id, begin: 0, end: 0, word: null })) : item.sequence === 0 ? first : second;
    for (const { id, begin, end, word } of tokens) {
      ids.push(id);
      typeIds.push(item.typeId);
      offsets.push([begin, end]);
      sequenceIds.push(sequence);
      wordIds.push(word);
    }
  }
  return { ids, typeIds, offsets, sequenceIds, wordIds };
}
