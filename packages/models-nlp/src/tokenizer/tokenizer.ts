import type { SourceLocation, SourceOptions } from "@x/layers";
import {
  allOrNothing,
  aFlag,
  aSignal,
  aText,
  checkOptions,
  type FileSource,
  sourceRules,
  type JsonObject,
  oneOf,
  openSource,
  type RulesOf,
  shown,
  wholeFrom,
} from "@x/layers/model";
import type { EncodeOptions, Encoding, Truncation, WindowOptions } from "./encoding.ts";
import { keptLengths, lengthRules, windowsOf } from "./length.ts";
import { inOrder, lowercase } from "./stages/normalizers.ts";
import type { Pipeline } from "./stages/pipeline.ts";
import { isDeclared, specialNames, type SpecialTokens, specialTokensFrom } from "./files/special-tokens.ts";
import { replacedIn, type Template, untyped } from "./stages/template.ts";
import { type PadOptions, padded, TextBatch } from "./text-batch.ts";
import { normalizedText, type Token, tokenEncoder } from "./text-encoder.ts";
import { requireText } from "./stages/require-text.ts";
import { atOnce, endsStep, inTurns, type Steps } from "./stages/steps.ts";
import { TokenizerError } from "./stages/tokenizer-error.ts";
import { type FileContent, findTokenizer, partsOfJson, readTokenizer, type Side, type TokenizerParts } from "./files/tokenizer-files.ts";
import { cleaners, type Cleaning } from "./files/cleaning.ts";
import { inLanguage, languageId } from "./files/languages.ts";
import { settingsFrom } from "./files/tokenizer-config.ts";
import { cleanUpSpaces } from "./stages/clean-up.ts";

export interface TokenizerOptions {
  /** Which language's texts are encoded, where each has a model of its own (Marian). Default "source". */
  readonly side?: Side | undefined;
}

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export interface DecodeOptions {
  /** Leaves out [CLS], padding and the like. Default false. */
  readonly skipSpecialTokens?: boolean | undefined;
  /** Takes out spaces before punctuation and in contractions: "do n't ." → "don't." Default: what the files declare, else false. */
  readonly cleanUp?: boolean | undefined;
}

const tokenizerRules: RulesOf<TokenizerOptions> = { side: oneOf("source", "target") };
const encodeRules: RulesOf<EncodeOptions> = { ...lengthRules, pair: aText, addSpecialTokens: aFlag };
const { truncation: _whole, ...encodeWithoutCut } = encodeRules;
const windowRules: RulesOf<WindowOptions> = { ...encodeWithoutCut, stride: wholeFrom(0), window: oneOf("first", "second") };
const abortableRules: RulesOf<Abortable> = { signal: aSignal };
const decodeRules: RulesOf<DecodeOptions> = { skipSpecialTokens: aFlag, cleanUp: aFlag };

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
  readonly #parts: TokenizerParts;
  readonly #pipeline: Pipeline;
  readonly #cleansUp: boolean;
  /** Whether a text that is too long loses its beginning. */
  readonly #cutsLeft: boolean;
  readonly #notes: string[];
  #toldUnknown = false;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #tokens: Map<number, string>;
  /** Special tokens that are written as they are looked for: one that is normalized to something else stays, as in Hugging Face's library. */
  readonly #leftOut: ReadonlySet<number>;
  readonly #encodeText: (text: string) => Steps<Token[]>;

  private constructor(parts: TokenizerParts) {
    const { pipeline: read, config, notes, files } = parts;
    this.#parts = parts;
    const settings = settingsFrom(config, read.model.isBytePair === true);
    const pipeline = settings.givesTypes ? read : { ...read, template: untyped(read.template) };
    this.#pipeline = pipeline;
    this.#notes = [...notes];
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
    const declared = specialNames.flatMap((name) => (isDeclared(config, name) ? [this.special[name] ?? -1] : []));
    this.specialIds = new Set([
      ...declared.filter((id) => id >= 0),
      ...pipeline.addedTokens.filter(({ special }) => special).map(({ id }) => id),
    ]);
    const written = new Set(pipeline.addedTokens.filter(({ special }) => special).map(({ content }) => content));
    const changed = pipeline.addedTokens.filter(({ id, normalized }) => normalized && !written.has(this.#tokens.get(id) ?? ""));
    const stays = new Set(changed.map(({ id }) => id));
    this.#leftOut = new Set([...this.specialIds].filter((id) => !stays.has(id)));
    this.maxLength = settings.maxLength;
    this.paddingSide = settings.paddingSide;
    this.#cutsLeft = settings.truncationSide === "left";
    this.#cleansUp = settings.cleansUp;
    const found = settings.splitsSpecialTokens ? pipeline.addedTokens.filter(({ special }) => !special) : pipeline.addedTokens;
    const stripped = parts.cleaning?.stripsSeparator === true ? this.special.sep : undefined;
    const lookedFor = found.map((token) => (token.id === stripped ? { ...token, id: 0 } : token));
    this.#encodeText = tokenEncoder({ ...pipeline, addedTokens: lookedFor });
  }

  /**
   * From a repository on the hub, a folder, an address, or files in memory. Takes the first it finds of `tokenizer.json`; `source.spm` with
   * `vocab.json` (Marian); `vocab.json` with `merges.txt` (CLIP); `bpe_simple_vocab_16e6.txt(.gz)` (OpenAI's CLIP); `spiece.model` or another
   * SentencePiece file; `vocab.txt` (WordPiece). `tokenizer_config.json`, `special_tokens_map.json`, `added_tokens.json` and the class that
   * `config.json` names are heeded if they are there: docs/files.md says how.
   * @throws CheckpointError when no such file can be read
   * @throws TokenizerError when a file asks for something unknown
   */
  static async fromPretrained(where: SourceLocation, options: SourceOptions & TokenizerOptions = {}): Promise<Tokenizer> {
    checkOptions("Tokenizer.fromPretrained", options, { ...sourceRules, ...tokenizerRules });
    const { side, ...place } = options;
    return Tokenizer.fromSource(await openSource(where, place), { side });
  }

  /** The same from a place that is already open, such as `openPretrained(…).source`. Throws as `fromPretrained`. */
  static async fromSource(source: FileSource, options: TokenizerOptions = {}): Promise<Tokenizer> {
    checkOptions("Tokenizer.fromSource", options, tokenizerRules);
    const { side = "source" } = options;
    return new Tokenizer(await readTokenizer(source, side));
  }

  /** The same; undefined where no tokenizer's files lie. For models, whose checkpoints may come without one. */
  static async findIn(source: FileSource, options: TokenizerOptions = {}): Promise<Tokenizer | undefined> {
    checkOptions("Tokenizer.findIn", options, tokenizerRules);
    const { side = "source" } = options;
    const found = await findTokenizer(source, side);
    return found && new Tokenizer(found);
  }

  /** From the content of `tokenizer.json` and, if there is one, `tokenizer_config.json`. @throws TokenizerError when it asks for something unknown */
  static fromJson(json: JsonObject, config: JsonObject = {}): Tokenizer {
    return new Tokenizer(partsOfJson(json, config));
  }

  /**
   * What a user should know: keys of its files that aren't known here, files that contradict each other, lower-casing that nobody asked for, ids that differ
   * from what a file declares; and the first text that became nothing but unknown tokens.
   */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** The same tokenizer for texts that are lower-cased before anything else. Special tokens in a text stay as they are. */
  lowerCased(): Tokenizer {
    const pipeline = { ...this.#parts.pipeline, normalize: inOrder(lowercase, this.#parts.pipeline.normalize) };
    return new Tokenizer({ ...this.#parts, pipeline });
  }

  /**
   * The same tokenizer as open_clip uses it: texts are cleaned before anything else.
   * @param how `whitespace`: repaired, HTML's entities resolved, spaces collapsed; `lower`, also lower-cased; `canonicalize`, also without punctuation
   * @param stripsSeparator whether 0 stands where [SEP] would
   */
  cleaned(how: Cleaning, stripsSeparator = false): Tokenizer {
    const { template, ...pipeline } = this.#parts.pipeline;
    const { sep } = this.special;
    const stripped = stripsSeparator && sep !== undefined ? replacedIn(template, sep, 0) : template;
    const changed = { ...pipeline, clean: cleaners[how], template: stripped };
    const cleaning = { how, stripsSeparator };
    return new Tokenizer({ ...this.#parts, pipeline: changed, cleaning });
  }

  /** What `cleaned` was told; its files don't say it. */
  get cleaning(): TokenizerParts["cleaning"] {
    return this.#parts.cleaning;
  }

  /**
   * The same tokenizer for texts of another language, whose token M2M-100 and NLLB put before a text.
   * @param language `fr` of M2M-100, `fra_Latn` of NLLB
   * @throws TokenizerError when it has no such language
   */
  inLanguage(language: string): Tokenizer {
    requireText(language, "inLanguage: the language");
    return new Tokenizer({ ...this.#parts, pipeline: inLanguage(this.#parts.pipeline, this.#parts.config, language) });
  }

  /** A language's token. Throws as `inLanguage` does. */
  languageId(language: string): number {
    requireText(language, "languageId: the language");
    return languageId(this.#parts.pipeline, language);
  }

  tokenToId(token: string): number | undefined {
    return this.#ids.get(token);
  }

  idToToken(id: number): string | undefined {
    return this.#tokens.get(id);
  }

  /** One text, or a pair, as ids. @throws TokenizerError when it is longer than `maxLength` and `truncation` doesn't say what to cut */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    checkOptions("encode", options, encodeRules);
    return atOnce(this.#encode(text, options));
  }

  /** The same, giving others a turn every few milliseconds, however long the text. @throws as `encode` does; the signal's reason when aborted */
  async encodeAsync(text: string, options: EncodeOptions & Abortable = {}): Promise<Encoding> {
    checkOptions("encodeAsync", options, { ...encodeRules, ...abortableRules });
    return inTurns(this.#encode(text, options), options.signal);
  }

  *#encode(text: string, options: EncodeOptions): Steps<Encoding> {
    const { pair, truncation = "error", maxLength = this.maxLength ?? Infinity } = options;
    const first = yield* this.#read(text, "encode: the text");
    const second = pair === undefined ? undefined : yield* this.#read(pair, "encode: the pair");
    const template = this.#template(second !== undefined, options);
    const room = maxLength - specialCount(template);
    const [kept, keptSecond] = this.#keptLengths([first.length, second?.length ?? 0], room, truncation, maxLength);
    return yield* assemble(template, this.#cut(first, kept), this.#cut(second ?? [], keptSecond));
  }

  /**
   * A long text in several windows that overlap by `stride` tokens; a pair's other text stands whole in each. At least one.
   * @throws TokenizerError when the other text leaves no room for more than `stride` tokens
   */
  encodeWindows(text: string, options: WindowOptions = {}): Encoding[] {
    checkOptions("encodeWindows", options, windowRules);
    return atOnce(this.#encodeWindows(text, options));
  }

  /** The same, giving others a turn every few milliseconds, however long the text. @throws as `encodeWindows` does; the signal's reason when aborted */
  async encodeWindowsAsync(text: string, options: WindowOptions & Abortable = {}): Promise<Encoding[]> {
    checkOptions("encodeWindowsAsync", options, { ...windowRules, ...abortableRules });
    return inTurns(this.#encodeWindows(text, options), options.signal);
  }

  *#encodeWindows(text: string, options: WindowOptions): Steps<Encoding[]> {
    const { pair, stride = 0, maxLength = this.maxLength ?? Infinity } = options;
    const texts = [
      yield* this.#read(text, "encodeWindows: the text"),
      pair === undefined ? [] : yield* this.#read(pair, "encodeWindows: the pair"),
    ] as const;
    const cut = options.window === "first" || pair === undefined ? 0 : 1;
    const template = this.#template(pair !== undefined, options);
    const whole = texts[1 - cut] ?? [];
    const size = maxLength - specialCount(template) - whole.length;
    if (size <= stride) {
      throw new TokenizerError(
        `encodeWindows: ${maxLength} tokens leave room for ${size} of the text, which must be more than the stride, ${stride}`,
      );
    }
    const windows: Encoding[] = [];
    for (const [begin, end] of windowsOf(texts[cut].length, size, stride)) {
      const window = texts[cut].slice(begin, end);
      windows.push(yield* cut === 0 ? assemble(template, window, whole) : assemble(template, whole, window));
      yield;
    }
    return windows;
  }

  /** Each text by itself, as `encode`. */
  encodeBatch(texts: readonly string[], options: EncodeOptions = {}): Encoding[] {
    if (!Array.isArray(texts)) throw new TokenizerError(`encodeBatch: texts should be a list of strings, but is ${shown(texts)}`);
    return texts.map((text) => this.encode(text, options));
  }

  /**
   * Encodings of any lengths → one batch (B, N). The caller, or the scope around, frees it.
   * @throws TokenizerError when lengths differ and there is no padding token
   */
  pad(encodings: readonly Encoding[], options: PadOptions = {}): TextBatch {
    return allOrNothing(() => new TextBatch(...padded(encodings, this.special.pad, this.paddingSide, options)));
  }

  /** Ids → text. @throws TokenizerError when an id is in no vocabulary */
  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    checkOptions("decode", options, decodeRules);
    const { skipSpecialTokens = false, cleanUp = this.#cleansUp } = options;
    const kept = Array.from(ids).filter((id) => !skipSpecialTokens || !this.#leftOut.has(id));
    const tokens = kept.map((id) => {
      const token = this.#tokens.get(id);
      if (token === undefined) throw new TokenizerError(`decode: the vocabulary has no id ${id}`);
      return token;
    });
    const text = tokens.length > 0 ? this.#pipeline.decode(tokens) : "";
    return cleanUp ? cleanUpSpaces(text) : text;
  }

  *#read(text: string, where: string): Steps<Token[]> {
    requireText(text, where);
    const tokens = yield* this.#encodeText(text);
    const { unk } = this.special;
    if (!this.#toldUnknown && tokens.length > 0 && tokens.every(({ id }) => id === unk)) {
      this.#toldUnknown = true;
      this.#notes.push(
        `${where} ${JSON.stringify(text.slice(0, 100))} became nothing but ${this.#tokens.get(unk ?? -1)}: is it the right vocabulary?`,
      );
    }
    return tokens;
  }

  #cut(tokens: readonly Token[], kept: number): readonly Token[] {
    return this.#cutsLeft ? tokens.slice(tokens.length - kept) : tokens.slice(0, kept);
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
function* assemble(template: Template["single"], first: readonly Token[], second: readonly Token[]): Steps<Encoding> {
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
      if (endsStep(ids.length)) yield;
    }
  }
  return { ids, typeIds, offsets, sequenceIds, wordIds };
}
