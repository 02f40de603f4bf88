import { readFileSync } from "node:fs";
import { init, intTensor, liveBytes, noGrad, Rng, scope } from "@x/layers";
import { weightsOf } from "@x/layers/model";
import { encodeSafetensors, tensorsToSave } from "@x/layers/save";
import { cosineWith, expectClose, type Expected, fill, inFolder, keysOf } from "@x/testing";
import { expect, test } from "vitest";
import { generate, Marian, type MarianConfig, marianDefaults, marianLayouts, shiftRight } from "../src/index.ts";
import { goldenFolder, readGolden } from "./golden.ts";

const tiny: Partial<MarianConfig> = {
  vocabSize: 11,
  dModel: 8,
  encoderLayers: 1,
  decoderLayers: 1,
  encoderAttentionHeads: 2,
  decoderAttentionHeads: 2,
  encoderFfnDim: 12,
  decoderFfnDim: 12,
  dropout: 0,
  activationFunction: "swish",
  scaleEmbedding: true,
  padTokenId: 10,
  decoderStartTokenId: 10,
  initStd: 0.3,
};

test("a pytorch_model.bin in half precision, with every tied copy and the positions", async () => {
  expect(await keysOf(goldenFolder("marian_half"))).toEqual(
    expect.arrayContaining(["lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_positions.weight"]),
  );
  using model = await Marian.fromPretrained(goldenFolder("marian_half"));
  const golden = await readGolden("marian_half");
  scope(() => {
    const text = { inputIds: golden.ids("input_ids"), attentionMask: golden.ids("attention_mask") };
    const targets = { inputIds: shiftRight(golden.ids("labels"), model.config) };
    expectClose(model.forward(text, targets).toTypedArray(), golden.values("logits"), "logits");
  });
});

test("a fixture of Hugging Face's: greedy, sixteen beam settings with scores, and four returned sequences", async () => {
  const folder = goldenFolder("marian_fixture");
  using model = await Marian.fromPretrained(folder);
  expect(model.generation).toEqual({ forcedEosTokenId: 0 });
  const io = JSON.parse(readFileSync(`${folder}/io.json`, "utf8")) as Record<string, { shape: number[]; data: number[] }>;
  const read = (key: string): number[] => (io[key]?.data ?? []).flat();
  using inputIds = intTensor(read("input_ids"), io["input_ids"]?.shape);
  using attentionMask = intTensor(read("attention_mask"), io["attention_mask"]?.shape);
  scope(() => expectClose(model.positions.at(0, 32).toTypedArray(), read("pos_table"), "positions", 1e-6));

  const common = { maxLength: 12, badWordsIds: [[29]], renormalizeLogits: true };
  const check = async (key: string, options: object): Promise<void> => {
    const found = (await generate(model, { inputIds, attentionMask }, { ...common, ...options })).flat();
    const length = io[key]?.shape[1] ?? 0;
    const rows = found.flatMap(({ tokens }) => [29, ...tokens, ...Array<number>(length).fill(29)].slice(0, length));
    expect(rows, key).toEqual(read(key));
    if (io[`${key}_score`])
      expectClose(
        found.map(({ score }) => score),
        read(`${key}_score`),
        `${key}: scores`,
        5e-6,
      );
  };
  await check("greedy", {});
  const settings = Object.keys(io).flatMap((key) => [...key.matchAll(/^beam(\d)_lp(\d\.\d)_es(True|False)$/g)]);
  expect(settings).toHaveLength(16);
  for (const [key, numBeams, lengthPenalty, early] of settings) {
    await check(key, { numBeams: Number(numBeams), lengthPenalty: Number(lengthPenalty), earlyStopping: early === "True" });
  }
  await check("beam4_nret4", { numBeams: 4, numReturnSequences: 4 });
});

test.each(["marian", "marian_two_vocabularies"])("%s there and back with its settings for generation", async (name) => {
  using model = await Marian.fromPretrained(goldenFolder(name));
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    using again = await Marian.fromPretrained(folder);
    expect(again.generation).toEqual(model.generation);
    const config = JSON.parse(readFileSync(`${folder}/config.json`, "utf8"));
    expect(config).toMatchObject({ scale_embedding: name === "marian", is_encoder_decoder: true });
  });
});

test("a base model's file, without prefix and bias, loads; a wrong one is refused", async () => {
  using model = await Marian.fromPretrained(goldenFolder("marian"));
  const entries = [...tensorsToSave(weightsOf(model), marianLayouts[0])].filter(([key]) => key !== "final_logits_bias");
  const bare = encodeSafetensors(new Map(entries.map(([key, made]) => [key.replace(/^model\./, ""), made])));
  const config = readFileSync(`${goldenFolder("marian")}/config.json`);
  const files = new Map([
    ["config.json", new Uint8Array(config)],
    ["model.safetensors", new Uint8Array(await bare.arrayBuffer())],
  ]);
  using loaded = await Marian.fromPretrained(files);
  expect(loaded.finalLogitsBias?.data.every((bias) => bias === 0)).toBe(true);
  expect(loaded.encoderEmbedding.weight.toTypedArray()).toEqual(model.encoderEmbedding.weight.data);

  const asText = (json: object): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
  const given = JSON.parse(config.toString()) as object;
  await expect(Marian.fromPretrained(new Map([...files, ["config.json", asText({ ...given, model_type: "bart" })]]))).rejects.toThrow(
    /not a Marian model.*expected model_type marian.*bart/su,
  );
  await expect(Marian.fromPretrained(new Map([...files, ["config.json", asText({ ...given, normalize_before: true })]]))).rejects.toThrow(
    "normalize_before is true",
  );
  // What Hugging Face's library makes of both names: MarianConfig(encoder_layers=2, num_hidden_layers=1).encoder_layers is 1.
  await expect(Marian.fromPretrained(new Map([...files, ["config.json", asText({ ...given, num_hidden_layers: 1 })]]))).rejects.toThrow(
    "unexpected: ",
  );
});

test("settings for generation come from generation_config.json, or from config.json where there is no such file, as the reference has it; null says nothing", async () => {
  const read = async (config: object, generation?: object): Promise<unknown> => {
    const folder = goldenFolder("marian");
    const json = { ...(JSON.parse(readFileSync(`${folder}/config.json`, "utf8")) as object), ...config };
    const text = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const files = new Map([
      ["config.json", text(json)],
      ["model.safetensors", new Uint8Array(readFileSync(`${folder}/model.safetensors`))],
      ...(generation ? [["generation_config.json", text(generation)] as const] : []),
    ]);
    using model = await Marian.fromPretrained(files);
    return model.generation;
  };
  const older = { num_beams: 6, max_length: 512, bad_words_ids: [[58100]], early_stopping: null };
  expect(await read(older)).toEqual({ numBeams: 6, maxLength: 512, badWordsIds: [[58100]], forcedEosTokenId: 0 });
  expect(await read(older, { num_beams: 4, renormalize_logits: true, max_length: null })).toEqual({
    numBeams: 4,
    renormalizeLogits: true,
  });
  const ends = { eos_token_id: [5], max_new_tokens: 7, forced_eos_token_id: [5] };
  expect(await read(older, ends)).toEqual({ eosTokenId: 5, maxLength: 8, forcedEosTokenId: 5 });
});

test("a fresh model: N(0, initStd²), zero biases, a row of zeros for the padding token, and all of it freed", async () => {
  await init();
  const before = liveBytes();
  const model = await Marian.fromConfig({ ...tiny, vocabSize: 2000, padTokenId: 10 });
  const weight = model.encoderEmbedding.weight.data;
  expect(weight.subarray(80, 88).every((value) => value === 0)).toBe(true);
  expect(Math.sqrt(weight.reduce((sum, value) => sum + value * value, 0) / weight.length)).toBeCloseTo(0.3, 2);
  expect(model.decoder.blocks[0]?.crossAttention.keyValue.bias?.data.every((value) => value === 0)).toBe(true);
  model.dispose();
  expect(liveBytes()).toBe(before);
});

test("opus-mt's size, with 8000 tokens: cosine with Hugging Face's logits at least 0.999999", { timeout: 120_000 }, async () => {
  await init();
  const values = JSON.parse(readFileSync(`${goldenFolder("marian-full-size")}.json`, "utf8")) as Omit<Expected, "shape">;
  const config = { ...marianDefaults, vocabSize: 8000, decoderVocabSize: 8000, dModel: 512, encoderLayers: 6, decoderLayers: 6 };
  const heads = { encoderAttentionHeads: 8, decoderAttentionHeads: 8, encoderFfnDim: 2048, decoderFfnDim: 2048 };
  using model = new Marian(
    { ...config, ...heads, padTokenId: 7999, decoderStartTokenId: 7999, activationFunction: "swish", scaleEmbedding: true },
    new Rng(0),
  );
  const [words, sinusoids] = [(58101 - 8000) * 512, 2 * 512 * 512];
  expect(model.numParameters + words + sinusoids, "opus-mt-en-de's published number, positions counted in").toBe(74_410_496);
  fill(model, marianLayouts[0]);
  noGrad(() => {
    const inputIds = intTensor([Array.from({ length: 24 }, (_, i) => (7 * i * i + 3 * i + 11) % 7999)]);
    const targets = intTensor([[7999, ...Array.from({ length: 15 }, (_, i) => (5 * i * i + i + 2) % 7999)]]);
    expect(cosineWith({ shape: [1, 16, 8000], ...values }, model.forward({ inputIds }, { inputIds: targets }))).toBeGreaterThanOrEqual(
      0.999999,
    );
  });
});
