import { readFileSync } from "node:fs";
import { intTensor, liveBytes, Rng } from "@x/layers";
import { inFolder } from "@x/testing";
import { expect, test } from "vitest";
import { generate, Marian, Tokenizer, Transformer, translate, translateStream } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";
import { goldenBytes } from "./tokenizer-golden.ts";

const texts = ["the quick brown fox", "the fox", "jumps over the lazy dog and the quick brown fox", "a", "the dog"];
const vocabulary = readFileSync(`${goldenFolder("tokenizers")}/marian/vocab.json`);

/** A Marian of random weights as the hub would have it, with a tokenizer of two SentencePiece models. */
async function inMemory(): Promise<Map<string, Uint8Array>> {
  const size = Object.keys(JSON.parse(vocabulary.toString()) as object).length;
  const ids = { vocabSize: size, padTokenId: size - 1, decoderStartTokenId: size - 1 };
  const shape = {
    dModel: 16,
    encoderLayers: 1,
    decoderLayers: 1,
    encoderAttentionHeads: 2,
    decoderAttentionHeads: 2,
    encoderFfnDim: 32,
    decoderFfnDim: 32,
  };
  using model = await Marian.fromConfig({ ...ids, ...shape, initStd: 0.5, scaleEmbedding: true }, { rng: new Rng(6) });
  model.generation = { maxLength: 12, numBeams: 2, badWordsIds: [[size - 1]], forcedEosTokenId: 0 };
  const files = new Map<string, Uint8Array>();
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    for (const name of ["config.json", "generation_config.json", "model.safetensors"])
      files.set(name, new Uint8Array(readFileSync(`${folder}/${name}`)));
  });
  files.set("source.spm", goldenBytes("tiny_unigram.model"));
  files.set("target.spm", goldenBytes("tiny_spm_bpe.model"));
  return files.set("vocab.json", new Uint8Array(vocabulary));
}

test("translate is tokenizer, generate with the files' settings, and the other language's tokenizer; texts keep their places", async () => {
  using model = await Marian.fromPretrained(await inMemory());
  const { tokenizer, targetTokenizer } = model;
  if (!tokenizer || !targetTokenizer) throw new Error("the tokenizers are missing");
  const expected: string[] = [];
  for (const text of texts) {
    using inputIds = intTensor([[...tokenizer.encode(text).ids]]);
    const [[best] = []] = await generate(model, { inputIds }, { numBeams: 2, maxLength: 12 });
    expected.push(targetTokenizer.decode(best?.tokens ?? [], { skipSpecialTokens: true }));
  }
  expect(new Set(expected).size).toBeGreaterThan(2);
  const told: number[] = [];
  const options = { batchSize: 2, onProgress: ({ done, total }: { done: number; total: number }) => told.push(done / total) };
  expect(await translate(model, texts, options)).toEqual(expected);
  expect(told).toEqual([0.4, 0.8, 1]);
  expect(await translate(model, texts[2] ?? "")).toBe(expected[2]);
  expect(await translate(model, [])).toEqual([]);
});

test("a translation comes piece by piece, and the pieces are the whole", async () => {
  using model = await Marian.fromPretrained(await inMemory());
  for (const text of texts) {
    const pieces: string[] = [];
    for await (const piece of translateStream(model, text)) pieces.push(piece);
    expect(pieces.join("")).toBe(await translate(model, text, { numBeams: 1 }));
    expect(pieces.length).toBeGreaterThan(1);
  }
});

test("model, tokenizers and settings there and back", async () => {
  using model = await Marian.fromPretrained(await inMemory());
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    using again = await Marian.fromPretrained(folder);
    expect(await translate(again, texts)).toEqual(await translate(model, texts));
  });
});

test("aborting ends it, and nothing is left in memory", async () => {
  using model = await Marian.fromPretrained(await inMemory());
  await translate(model, texts);
  const before = liveBytes();
  const abort = new AbortController();
  const stopped = translate(model, texts, { batchSize: 1, signal: abort.signal, onProgress: () => abort.abort(new Error("enough")) });
  await expect(stopped).rejects.toThrow("enough");
  await translate(model, texts);
  for await (const _ of translateStream(model, "the fox")) break;
  expect(liveBytes()).toBe(before);
});

test("a model without a tokenizer says so; a Transformer takes one, and saves it", async () => {
  using model = await Transformer.fromConfig({
    vocabSize: 12,
    dModel: 8,
    encoderLayers: 1,
    decoderLayers: 1,
    encoderAttentionHeads: 2,
    decoderAttentionHeads: 2,
    encoderFfnDim: 8,
    decoderFfnDim: 8,
    maxPositionEmbeddings: 9,
  });
  await expect(translate(model, "a")).rejects.toThrow("translate: this model has no tokenizer");
  const vocab = Object.fromEntries(["<pad>", "<s>", "</s>", "<unk>", "▁", "a", "b", "c", "d", "e", "f"].map((token, id) => [token, id]));
  const added_tokens = ["<pad>", "<s>", "</s>", "<unk>"].map((content, id) => ({ id, content, special: true }));
  const letters = (last: string): Tokenizer =>
    Tokenizer.fromJson({
      added_tokens,
      pre_tokenizer: { type: "Metaspace" },
      decoder: { type: "Metaspace" },
      model: { type: "BPE", vocab: { ...vocab, [last]: 11 }, merges: [], unk_token: "<unk>" },
    });
  model.tokenizer = letters("g");
  await expect(translate(model, "a")).rejects.toThrow("translate: this model has no targetTokenizer");
  model.targetTokenizer = letters("h");
  await expect(model.savePretrained("/nowhere")).rejects.toThrow("the two tokenizers have different files tokenizer.json");
  model.targetTokenizer = model.tokenizer;
  const found = await translate(model, ["a b", "c"], { numBeams: 3 });
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    using again = await Transformer.fromPretrained(folder);
    expect(await translate(again, ["a b", "c"], { numBeams: 3 })).toEqual(found);
  });
});
