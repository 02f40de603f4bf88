/** Tokenizers' files, and texts. */
import { Tokenizer } from "@x/models-nlp";
import { below, oneOf } from "../draw.ts";
import { type Bytes, type Json, mutateBytes, mutateJson } from "../mutate.ts";
import { bytesOf, filesIn, jsonOf, pathOf, type Reader, textOf, utf8 } from "../reader.ts";

const texts = [
  "",
  "a",
  "Hello, world! It's 3.5 ½ é",
  "the quick brown fox",
  "[MASK] [CLS]a",
  "\ud800x\udc00",
  "漢字かな",
  "👨‍👩‍👧",
  "   ",
  "ﬀ①Å",
];

/** Every text there and back. */
function exercise(tokenizer: Tokenizer): void {
  for (const text of texts) tokenizer.decode(tokenizer.encode(text).ids.filter((id) => tokenizer.idToToken(id) !== undefined));
  tokenizer.encode("a b", { pair: "c d" });
}

type Fields = { [key: string]: Json };

/** With a vocabulary so small that most of what is changed matters. */
function shortened(json: Fields): Fields {
  const model = json["model"] as Fields;
  const { vocab, merges } = model;
  const few = Array.isArray(vocab) ? vocab.slice(0, 30) : Object.fromEntries(Object.entries(vocab ?? {}).slice(0, 60));
  return { ...json, model: { ...model, vocab: few, ...(Array.isArray(merges) && { merges: merges.slice(0, 30) }) } };
}

export function tokenizers(): Reader {
  const names = ["bpe-bytes", "bpe-fallback", "unigram-albert", "unigram-first", "wordpiece-split"];
  const seeds = names.map((name) => shortened(jsonOf(`models-nlp/golden/tokenizers/${name}/tokenizer.json`)));
  const config: Json = { model_max_length: 16, clean_up_tokenization_spaces: true, pad_token: "[PAD]", padding_side: "left" };
  return {
    name: "tokenizer.json",
    next(draw) {
      const seed = oneOf(draw, seeds);
      const { model = null, ...rest } = seed;
      const json = draw() < 0.5 ? { ...(mutateJson(draw, rest) as Fields), model } : { ...rest, model: mutateJson(draw, model) };
      return textOf([json, draw() < 0.3 ? mutateJson(draw, config) : {}]);
    },
    async read(input) {
      const [json, settings] = JSON.parse(new TextDecoder().decode(input)) as [Fields, Fields];
      exercise(
        await Tokenizer.fromPretrained(
          new Map([
            ["tokenizer.json", textOf(json)],
            ["tokenizer_config.json", textOf(settings)],
          ]),
        ),
      );
    },
  };
}

export function sentencePieces(): Reader {
  const seeds = filesIn("models-nlp/golden/tokenizers", /\.model$/, 20_000);
  return {
    name: "SentencePiece",
    next: (draw) => mutateBytes(draw, oneOf(draw, seeds)),
    read: async (input) => exercise(await Tokenizer.fromPretrained(new Map([["spiece.model", input]]))),
  };
}

const pieces = [
  "a",
  "B",
  " ",
  "  ",
  "\n",
  "\t",
  "\0",
  "é",
  "e\u0301",
  "ﬀ",
  "①",
  "漢",
  "😀",
  "\ud83d",
  "\ude00",
  "שלום",
  "ا",
  "\u0300",
  "▁",
  "##",
  "[MASK]",
  "</s>",
  "<unk>",
  "'s",
  "don't",
  "3",
  "½",
  "\u1100",
  "\u1161",
  "가",
  "\ufeff",
  "\uffff",
  "İ",
  "ß",
  "ſ",
  "Σ",
  "ς",
  "<|endoftext|>",
  "\u2028",
];

/** Texts themselves, by ten tokenizers: places lie in the text and run forward, and what comes out is what came out before. */
export function anyText(): Reader {
  let ready: Promise<readonly Tokenizer[]> | undefined;
  const load = (): Promise<readonly Tokenizer[]> => {
    const folders = ["bpe-bytes", "bpe-fallback", "unigram-albert", "unigram-first", "wordpiece-split", "clip"];
    const models = ["spm-unigram-bytes", "spm-bpe-spaces", "spm-unigram-fnet", "spm-bpe-fnet"];
    return Promise.all([
      ...folders.map((name) => Tokenizer.fromPretrained(pathOf(`models-nlp/golden/tokenizers/${name}`))),
      ...models.map((name) => Tokenizer.fromPretrained(new Map([["spiece.model", bytesOf(`models-nlp/golden/tokenizers/${name}.model`)]]))),
    ]);
  };
  return {
    name: "text",
    next: (draw): Bytes => utf8(Array.from({ length: below(draw, 40) }, () => oneOf(draw, pieces)).join("")),
    async read(input) {
      const text = new TextDecoder().decode(input);
      for (const tokenizer of await (ready ??= load())) {
        const { ids, offsets } = tokenizer.encode(text, { maxLength: 100_000 });
        for (const [begin, end] of offsets) {
          if (!(begin >= 0 && begin <= end && end <= text.length)) throw new RangeError(`the place ${begin} to ${end} of ${text.length}`);
        }
        if (String(tokenizer.encode(text, { maxLength: 100_000 }).ids) !== String(ids)) throw new RangeError("not the same twice");
        tokenizer.decode(ids);
      }
    },
  };
}
