/** Sentence encoders made here, and their way back to sentence-transformers, whose version 6.2 gives the same vectors for what is saved below. */
import { readdir, readFile } from "node:fs/promises";
import { intTensor, isInt8, liveBytes, LoRA, noGrad, Rng } from "@x/layers";
import type { JsonObject } from "@x/layers/model";
import { expect, test } from "vitest";
import { countParameters, inFolder } from "@x/testing";
import { embedText, SentenceEncoder, type SentenceEncoderConfig, sentenceEncoderPreset, Tokenizer, TokenizerError } from "../src/index.ts";

const tiny: Partial<SentenceEncoderConfig> = {
  vocabSize: 40,
  hiddenSize: 24,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 32,
  maxPositionEmbeddings: 20,
};
const sentence = () => ({ inputIds: intTensor([[4, 7, 9, 0]]), attentionMask: intTensor([[1, 1, 1, 0]]) });
/** A tokenizer.json of lower-case words. */
const cased = (): JsonObject => {
  const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "quick", "brown", "fox"];
  return {
    model: { type: "WordPiece", unk_token: "[UNK]", vocab: Object.fromEntries(words.map((word, id) => [word, id])) },
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: { type: "BertProcessing", cls: ["[CLS]", 2], sep: ["[SEP]", 3] },
    added_tokens: words.slice(0, 4).map((content, id) => ({ id, content, special: true })),
  };
};
const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, "utf8"));

test("a fresh one gives the mean of the tokens, of length 1", async () => {
  using model = await SentenceEncoder.fromConfig(tiny);
  expect(model.config).toMatchObject({ pooling: ["mean"], dense: [], normalizes: true, prompts: {} });
  expect(model.maxLength).toBe(20);
  noGrad(() => expect(Math.hypot(...model.forward(sentence()).data)).toBeCloseTo(1, 5));
});

test("the files are those that SentenceTransformer.save_pretrained writes", () =>
  inFolder(async (folder) => {
    using model = await SentenceEncoder.fromConfig({ ...tiny, maxLength: 12, prompts: { query: "query: " } });
    await model.savePretrained(folder);
    const files = await readdir(folder, { recursive: true });
    expect(files.sort()).toEqual([
      "1_Pooling",
      "1_Pooling/config.json",
      "2_Normalize",
      "2_Normalize/config.json",
      "config.json",
      "config_sentence_transformers.json",
      "model.safetensors",
      "modules.json",
      "sentence_bert_config.json",
    ]);
    expect(await json(`${folder}/modules.json`)).toEqual([
      { idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" },
      { idx: 1, name: "1", path: "1_Pooling", type: "sentence_transformers.models.Pooling" },
      { idx: 2, name: "2", path: "2_Normalize", type: "sentence_transformers.models.Normalize" },
    ]);
    expect(await json(`${folder}/1_Pooling/config.json`)).toMatchObject({
      word_embedding_dimension: 24,
      pooling_mode_cls_token: false,
      pooling_mode_mean_tokens: true,
    });
    expect(await json(`${folder}/sentence_bert_config.json`)).toMatchObject({ max_seq_length: 12 });
    expect(await json(`${folder}/config_sentence_transformers.json`)).toMatchObject({ prompts: { query: "query: " } });
    const config = await json(`${folder}/config.json`);
    expect(config).toMatchObject({ model_type: "bert", architectures: ["BertModel"] });
    expect(config).not.toHaveProperty("pooling");
  }));

test.each(["identity", "tanh", "relu", "gelu", "sigmoid", "silu"] as const)("a dense layer with %s there and back", (activation) =>
  inFolder(async (folder) => {
    const dense = [{ inFeatures: 24, outFeatures: 4, bias: true, activation }];
    using model = await SentenceEncoder.fromConfig({ ...tiny, dense }, { rng: new Rng(3) });
    await model.savePretrained(folder);
    using again = await SentenceEncoder.fromPretrained(folder);
    expect(again.config).toEqual(model.config);
    noGrad(() => expect(again.forward(sentence()).toTypedArray()).toEqual(model.forward(sentence()).toTypedArray()));
  }),
);

test("several poolings and dense layers there and back", () =>
  inFolder(async (folder) => {
    const before = liveBytes();
    {
      const dense = [
        { inFeatures: 48, outFeatures: 8, bias: true, activation: "tanh" },
        { inFeatures: 8, outFeatures: 4, bias: false, activation: "identity" },
      ] as const;
      using model = await SentenceEncoder.fromConfig({ ...tiny, pooling: ["cls", "max"], dense, normalizes: false }, { rng: new Rng(3) });
      await model.savePretrained(folder);
      expect(await json(`${folder}/2_Dense/config.json`)).toEqual({
        in_features: 48,
        out_features: 8,
        bias: true,
        activation_function: "torch.nn.modules.activation.Tanh",
      });
      using again = await SentenceEncoder.fromPretrained(folder);
      expect(again.config).toEqual(model.config);
      noGrad(() => {
        const vector = model.forward(sentence());
        expect(vector.shape).toEqual([1, 4]);
        expect(again.forward(sentence()).data).toEqual(vector.data);
      });
      using int8 = await SentenceEncoder.fromPretrained(folder, { dtype: "int8" });
      expect(int8.dense.map(({ linear }) => isInt8(linear.weight))).toEqual([true, true]);
    }
    expect(liveBytes()).toBe(before);
  }));

const settings: Partial<SentenceEncoderConfig> = {
  includePrompt: false,
  truncateDim: 5,
  maxLength: 11,
  lowerCases: true,
  prompts: { query: "the ", document: "" },
  defaultPromptName: "query",
  similarityFnName: "dot",
};

test("every setting is saved as it is read, and a saved model gives the same vectors", () =>
  inFolder(async (folder) => {
    using model = await SentenceEncoder.fromConfig({ ...tiny, ...settings }, { rng: new Rng(3) });
    model.tokenizer = Tokenizer.fromJson(cased()).lowerCased();
    await model.savePretrained(folder);
    expect(await json(`${folder}/config_sentence_transformers.json`)).toMatchObject({
      default_prompt_name: "query",
      truncate_dim: 5,
      similarity_fn_name: "dot",
    });
    expect(await json(`${folder}/sentence_bert_config.json`)).toEqual({ max_seq_length: 11, do_lower_case: true });
    expect(await json(`${folder}/1_Pooling/config.json`)).toMatchObject({ include_prompt: false });
    using again = await SentenceEncoder.fromPretrained(folder);
    expect(again.config).toEqual(model.config);
    expect([again.maxLength, again.defaultPrompt, again.notes]).toEqual([11, "the ", []]);
    const texts = ["Fox", "quick BROWN", ""];
    const vectors = await embedText(model, texts);
    expect(vectors.map(({ length }) => length)).toEqual([5, 5, 5]);
    expect(await embedText(again, texts)).toEqual(vectors);
    await again.savePretrained(`${folder}/again`);
    for (const file of ["modules.json", "sentence_bert_config.json", "config_sentence_transformers.json", "1_Pooling/config.json"]) {
      expect(await json(`${folder}/again/${file}`)).toEqual(await json(`${folder}/${file}`));
    }
  }));

test.each<[Partial<SentenceEncoderConfig>, object]>([
  [{ pooling: ["max", "cls"] }, { pooling_mode: ["max", "cls"] }],
  [{ pooling: ["mean", "mean"] }, { pooling_mode: ["mean", "mean"] }],
  [{ pooling: ["cls", "max"] }, { pooling_mode_cls_token: true, pooling_mode_max_tokens: true }],
])("%j: poolings come back in their order", (config, written) =>
  inFolder(async (folder) => {
    using model = await SentenceEncoder.fromConfig({ ...tiny, ...config });
    await model.savePretrained(folder);
    const found = await json(`${folder}/1_Pooling/config.json`);
    expect(found).toMatchObject(written);
    expect("pooling_mode" in (found as object)).toBe("pooling_mode" in written);
    using again = await SentenceEncoder.fromPretrained(folder);
    expect(again.config).toEqual(model.config);
  }),
);

test("without a limit of its own the tokenizer's holds, and the files say none", () =>
  inFolder(async (folder) => {
    using model = await SentenceEncoder.fromConfig(tiny);
    model.tokenizer = Tokenizer.fromJson(cased(), { model_max_length: 7 });
    expect(model.maxLength).toBe(7);
    await model.savePretrained(folder);
    expect(await json(`${folder}/sentence_bert_config.json`)).not.toHaveProperty("max_seq_length");
    using again = await SentenceEncoder.fromPretrained(folder);
    expect(again.maxLength).toBe(7);
  }));

test.each<[Partial<SentenceEncoderConfig>, string]>([
  [{ truncateDim: 0.5 }, "SentenceEncoder: truncateDim must be a whole number from 1 on, but is 0.5"],
  [{ prompts: { search: "s: " }, defaultPromptName: "toString" }, 'defaultPromptName must be one of search, but is "toString"'],
])("%j is refused", async (config, message) => {
  await expect(SentenceEncoder.fromConfig({ ...tiny, ...config })).rejects.toThrow(message);
});

test("a tokenizer of a class that isn't here costs the tokenizer, not the encoder, whose texts would be lower-cased", () =>
  inFolder(async (folder) => {
    const before = liveBytes();
    {
      using model = await SentenceEncoder.fromConfig({ ...tiny, ...settings }, { rng: new Rng(3) });
      const alongside = new Map([
        ["tokenizer_config.json", '{"tokenizer_class": "FunnelTokenizer"}'],
        ["vocab.txt", "[PAD]\n[UNK]\n"],
      ]);
      await model.savePretrained(folder, { alongside });
      using again = await SentenceEncoder.fromPretrained(folder);
      noGrad(() => expect(again.forward(sentence()).toTypedArray()).toEqual(model.forward(sentence()).toTypedArray()));
      const message = /the tokenizer beside the weights can't be used: tokenizer: the tokenizer_class is FunnelTokenizer, which isn't here/;
      expect(() => again.tokenizer).toThrow(message);
      expect(() => again.tokenizer).toThrow(expect.objectContaining({ name: "CheckpointError", cause: expect.any(TokenizerError) }));
      await expect(embedText(again, "fox")).rejects.toThrow(message);
      await expect(again.savePretrained(`${folder}/again`)).rejects.toThrow(message);
      again.tokenizer = Tokenizer.fromJson(cased());
      expect((await embedText(again, "fox")).length).toBe(5);
    }
    expect(liveBytes()).toBe(before);
  }));

test("an adapter's names are those of the encoder, which is the module that PEFT adapts", async () => {
  using model = await SentenceEncoder.fromConfig(tiny);
  using lora = LoRA.attach(model, { targetModules: ["query"] });
  expect([...lora.namedParameters().keys()][0]).toBe("encoder.layer.0.attention.self.query.lora_A.weight");
});

test.each([
  ["all-MiniLM-L6-v2", 22_713_216],
  ["bge-small-en-v1.5", 33_360_000],
])("%s has the published number of parameters, but for the pooler that it doesn't use", async (name, count) => {
  const preset = sentenceEncoderPreset(name);
  const pooler = preset.hiddenSize * (preset.hiddenSize + 1);
  expect(await countParameters(() => new SentenceEncoder(preset, new Rng(0)))).toBe(count - pooler);
  expect(() => sentenceEncoderPreset("MiniLM")).toThrow("expected one of all-MiniLM-L6-v2, all-MiniLM-L12-v2");
});
