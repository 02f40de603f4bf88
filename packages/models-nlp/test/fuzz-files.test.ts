/**
 * Files that nobody vouches for: valid ones, changed at random with their structure in mind. Each is read and used, or refused by one of the library's errors, in
 * bounded time. The same inputs every time; FUZZ_INPUTS=100000 tries so many for each reader, and FUZZ_SEED others.
 */
import type { FileBytes } from "@x/layers";
import { type JsonObject, openSource } from "@x/layers/model";
import { Tokenizer } from "@x/models-nlp";
import { expect, test } from "vitest";
import { generationDefaultsFrom } from "../src/generation/pretrained-generation.ts";
import { readModules } from "../src/sentence-embedding/modules.ts";
import { goldenBytes, goldenJson } from "./tokenizer-golden.ts";

const inputs = Number(process.env["FUZZ_INPUTS"] ?? 200);
const slowest = 1000; // milliseconds for one input

/** Numbers from [0, 1), the same for the same seed. mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const odd: readonly unknown[] = [
  0, 1, -1, 2, 7, 255, 65535, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, 0.5, 1.5, 1e-300, 1e300, null, true, false, "", "a", "0", [], {}, [0], [[]], { a: 1 },
  "constructor", "__proto__", "toString", "\ud800", "é", " ", "x".repeat(1500), "(a+)+$", "[", "\\p{L}++", "a{1000}{1000}", "(?<x>a)\\k<x>", "right", "##",
]; // prettier-ignore

class Mutator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  json(root: unknown, times = 1 + this.below(3)): unknown {
    const copy = structuredClone(root) as Record<string, unknown>;
    for (let i = 0; i < times; i++) this.#changeOne(copy);
    return JSON.parse(JSON.stringify(copy)); // as a file would have it
  }

  #changeOne(root: Record<string, unknown>): void {
    let parent = root;
    let keys = Object.keys(parent);
    for (let depth = 0; keys.length > 0 && depth < 8; depth++) {
      const child = parent[this.pick(keys)];
      if (typeof child !== "object" || child === null || Object.keys(child).length === 0 || this.#random() > 0.75) break;
      parent = child as Record<string, unknown>;
      keys = Object.keys(parent);
    }
    if (keys.length === 0) return;
    const key = this.pick(keys);
    const value = parent[key];
    const changes = [
      () => (parent[key] = structuredClone(this.pick(odd))),
      () => (parent[key] = structuredClone(this.pick(odd))),
      () => delete parent[key],
      () =>
        (parent[key] =
          typeof value === "number" ? this.pick([value + 1, -value, value * 2, value + 0.5]) : structuredClone(this.pick(odd))),
      () => (parent[key] = structuredClone(parent[this.pick(keys)])),
      () => (parent[this.pick(["type", "vocab", "content", "id", "pattern", "decoders", `${key}_`])] = structuredClone(this.pick(odd))),
      () => Array.isArray(parent) && parent.push(structuredClone(this.pick(odd))),
    ];
    this.pick(changes)();
  }

  bytes(seed: Uint8Array): Uint8Array<ArrayBuffer> {
    let bytes = Uint8Array.from(seed);
    for (let i = 1 + this.below(8); i > 0; i--) {
      const at = this.below(bytes.length);
      const length = this.below(16);
      const changes = [
        () => (bytes[at] = (bytes[at] ?? 0) ^ (1 << this.below(8))),
        () => (bytes[at] = this.pick([0, 1, 0x7f, 0x80, 0xff, 10, 13, 32])),
        () => (bytes = bytes.slice(0, this.#random() < 0.2 ? at : bytes.length)),
        () => (bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)])),
        () => (bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(Math.max(0, at - length), at), ...bytes.subarray(at)])),
      ];
      this.pick(changes)();
    }
    return bytes;
  }
}

const utf8 = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const texts = [
  "",
  "a",
  "Hello, world! It's 3.5 ½ é",
  "[MASK] [CLS]a <unk> </s>",
  "\ud800x\udc00",
  "漢字かな",
  "👨‍👩‍👧",
  "   ",
  "ﬀ①Å",
  "x".repeat(200),
];

function use(tokenizer: Tokenizer): void {
  for (const text of texts) {
    const { ids, offsets } = tokenizer.encode(text, { maxLength: 1e6 });
    for (const [begin, end] of offsets)
      expect(begin >= 0 && begin <= end && end <= text.length, `${begin} to ${end} of ${text.length}`).toBe(true);
    tokenizer.decode(
      ids.filter((id) => tokenizer.idToToken(id) !== undefined),
      { skipSpecialTokens: true },
    );
  }
}

const fromFiles = async (files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>): Promise<void> =>
  use(await Tokenizer.fromPretrained(new Map<string, FileBytes>(Object.entries(files))));

/** With a vocabulary of few words, so that changes meet what matters. */
function light(name: string): JsonObject {
  const json = goldenJson<{ model: { vocab: object | unknown[]; merges?: string[] } }>(`${name}/tokenizer.json`);
  const { vocab, merges } = json.model;
  const fewer = Array.isArray(vocab) ? vocab.slice(0, 40) : Object.fromEntries(Object.entries(vocab).slice(0, 300));
  return { ...json, model: { ...json.model, vocab: fewer, ...(merges && { merges: merges.slice(0, 5) }) } } as unknown as JsonObject;
}

const config = {
  tokenizer_class: "BertTokenizer", model_max_length: 16, do_lower_case: true, strip_accents: null, padding_side: "right", truncation_side: "left",
  pad_token: "[PAD]", cls_token: { content: "[CLS]", lstrip: true }, additional_special_tokens: ["[E1]"], model_input_names: ["input_ids"],
  added_tokens_decoder: { 5: { content: "a", lstrip: false, rstrip: true, single_word: true, normalized: true, special: false } },
}; // prettier-ignore
const vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##a\nHello\n";
const special = { mask_token: "[MASK]", additional_special_tokens: ["[E1]", { content: "[E2]" }] };
const added = { "[E1]": 9, x: 10 };
const clip = {
  vocab: { a: 0, "a</w>": 1, b: 2, "ab</w>": 3, "<|startoftext|>": 4, "<|endoftext|>": 5 },
  merges: "#version: 0.2\na b</w>\n",
};
const generation = {
  max_length: 12, num_beams: 4, length_penalty: 1, early_stopping: false, bad_words_ids: [[3]], forced_eos_token_id: 0, renormalize_logits: true,
  eos_token_id: [0], decoder_start_token_id: 1, do_sample: false, min_length: 0, temperature: 1,
}; // prettier-ignore
const sentence: Readonly<Record<string, unknown>> = {
  "modules.json": ["Transformer", "Pooling", "Dense", "Normalize"].map((kind, idx) => ({
    idx,
    name: `${idx}`,
    path: idx === 0 ? "" : `${idx}_${kind}`,
    type: `sentence_transformers.models.${kind}`,
  })),
  "1_Pooling/config.json": { word_embedding_dimension: 24, pooling_mode_mean_tokens: true, include_prompt: true },
  "2_Dense/config.json": { in_features: 24, out_features: 2, bias: true, activation_function: "torch.nn.modules.activation.Tanh" },
  "sentence_bert_config.json": { max_seq_length: 16, do_lower_case: false, modality_config: null },
  "config_sentence_transformers.json": { prompts: { query: "query: " }, default_prompt_name: "query", truncate_dim: 4 },
};
const models = ["spm-bpe-bytes", "spm-bpe-fnet", "spm-unigram-fnet", "spm-unigram-spaces"].map((name) => goldenBytes(`${name}.model`));
const zoo = ["unigram-albert", "bpe-bytes", "bpe-fallback", "wordpiece-split", "unigram-first"].map(light);
const cases = goldenJson<{ files: Record<string, unknown> }[]>("files.json").map(({ files }) => files);

const readers: Readonly<Record<string, (mutate: Mutator) => unknown>> = {
  "tokenizer.json": (mutate) => use(Tokenizer.fromJson(mutate.json(mutate.pick(zoo)) as JsonObject)),
  "tokenizer.json as BERT's class has it": (mutate) => {
    const json = cases.flatMap(({ "tokenizer.json": one }) => (one ? [one] : []));
    use(Tokenizer.fromJson(mutate.json(mutate.pick(json)) as JsonObject, mutate.json(config) as JsonObject));
  },
  "tokenizer.json as text": (mutate) => fromFiles({ "tokenizer.json": mutate.bytes(utf8(mutate.pick(zoo))) }),
  "a folder of BERT's": (mutate) => {
    const files = { ...mutate.pick(cases) };
    const name = mutate.pick(Object.keys(files));
    const content = files[name];
    files[name] = typeof content === "string" ? content : mutate.json(content);
    return fromFiles(Object.fromEntries(Object.entries(files).map(([file, value]) => [file, utf8(value)])));
  },
  "tokenizer_config.json": (mutate) => fromFiles({ "vocab.txt": utf8(vocabulary), "tokenizer_config.json": utf8(mutate.json(config)) }),
  "special_tokens_map.json": (mutate) =>
    fromFiles({ "vocab.txt": utf8(vocabulary), "special_tokens_map.json": utf8(mutate.json(special)) }),
  "added_tokens.json": (mutate) => fromFiles({ "vocab.txt": utf8(vocabulary), "added_tokens.json": utf8(mutate.json(added)) }),
  "vocab.txt": (mutate) => fromFiles({ "vocab.txt": mutate.bytes(utf8(vocabulary)) }),
  "vocab.json and merges.txt": (mutate) =>
    fromFiles({ "vocab.json": utf8(mutate.json(clip.vocab)), "merges.txt": mutate.bytes(utf8(clip.merges)) }),
  "a SentencePiece model": (mutate) => fromFiles({ "spiece.model": mutate.bytes(mutate.pick(models)) }),
  "Marian's files": (mutate) => {
    const spm = goldenBytes("spm-bpe-spaces.model");
    const vocab = utf8(mutate.json(goldenJson("marian/vocab.json")));
    return fromFiles({ "source.spm": mutate.below(2) ? mutate.bytes(spm) : spm, "target.spm": spm, "vocab.json": vocab });
  },
  "generation_config.json": (mutate) => generationDefaultsFrom(mutate.json(generation) as JsonObject, {}),
  "sentence-transformers' files": async (mutate) => {
    const name = mutate.pick(Object.keys(sentence));
    const files = { ...sentence, [name]: mutate.json(sentence[name]) };
    const source = await openSource(new Map<string, FileBytes>(Object.entries(files).map(([file, value]) => [file, utf8(value)])));
    return readModules(source);
  },
};

test.each(Object.keys(readers))("%s: used or refused by name, in time", { timeout: 60_000 + inputs * 10 }, async (name) => {
  const outcomes = { used: 0, refused: 0 };
  for (let input = 0; input < inputs; input++) {
    const seed = Number(process.env["FUZZ_SEED"] ?? 1) * 1_000_003 + input;
    const mutate = new Mutator(seed);
    const begun = process.cpuUsage().user;
    try {
      await readers[name]?.(mutate);
      outcomes.used++;
    } catch (error) {
      const { name: kind, message } = error as Error;
      expect(
        ["TokenizerError", "CheckpointError", "TensorError"],
        `input ${seed}: ${kind}: ${message}\n${(error as Error).stack}`,
      ).toContain(kind);
      outcomes.refused++;
    }
    const milliseconds = (process.cpuUsage().user - begun) / 1000;
    expect(milliseconds, `input ${seed} took too long`).toBeLessThan(slowest);
  }
  if (process.env["FUZZ_INPUTS"]) process.stdout.write(`${name}: ${outcomes.used} used, ${outcomes.refused} refused\n`);
  expect(outcomes.used).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(0);
});
