/** Whoever takes options refuses what it doesn't know, and what can't be. Found in the sources, so that nothing new is left out. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as layers from "../../packages/layers/src/index.ts";
import * as model from "../../packages/layers/src/model.ts";
import { encodeSafetensors } from "../../packages/layers/src/save.ts";
import * as nlp from "../../packages/models-nlp/src/index.ts";
import * as vision from "../../packages/models-vision/src/index.ts";
import { EmbeddingIndex } from "../../packages/search/src/index.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** Who doesn't check by itself, nor hands its options on whole to one that does; by why. */
const handedOn: Readonly<Record<string, readonly string[]>> = {
  "a door for authors, who give what has been through a class's fromPretrained, savePretrained, decodeImage or the like": [
    "loadWeights",
    "openSource",
    "download",
  ],
  "a worker, where they are checked as they arrive": ["ModelWorker.pipeline"],
};

interface Taker {
  readonly name: string;
  readonly body: string;
}

/** Functions, methods and constructors that stand at a package's doors and have a parameter for options. */
function takers(): readonly Taker[] {
  const doors = globSync("packages/*/src/{index,model,save,auto}.ts", { cwd: root }).filter((file) => !file.includes("testing"));
  const open = new Set(
    doors.flatMap(
      (file) =>
        read(file)
          .replace(/from "[^"]*"/g, "")
          .match(/\w+/g) ?? [],
    ),
  );
  const files = globSync("packages/*/src/**/*.ts", { cwd: root }).filter((file) => !/\/(generated|testing|cli)\//.test(file));
  return files.flatMap((file) => {
    const text = read(file);
    const heads = text.matchAll(
      /^(?:export (?:async )?function\*? (\w+)|  (?:static |async |override |\*)*(\w+))(?:<[^(]*?>)?\(((?:[^()]|\([^()]*\))*?)\)(?::[^;]*?|) ?\{$/gm,
    );
    return [...heads].flatMap(({ 0: head, 1: alone, 2: method, 3: parameters = "", index }) => {
      if (!/\b(options|context|given|sampling|variant)\??:/.test(parameters)) return [];
      const [, exported, owner = ""] = [...text.slice(0, index).matchAll(/^(export )?(?:abstract )?class (\w+)/gm)].at(-1) ?? [];
      if (!open.has(alone ?? owner) || (method !== undefined && exported === undefined)) return [];
      const end = text.indexOf(method === undefined ? "\n}" : "\n  }", index + head.length);
      return [{ name: alone ?? `${owner}.${method}`, body: text.slice(index + head.length, end) }];
    });
  });
}

test("whoever takes options checks them, or is known to hand them on", () => {
  const found = takers();
  expect(found.length).toBeGreaterThan(90);
  const known = new Set(Object.values(handedOn).flat());
  const checks = /\b(checkOptions|checkNames|completed\w*)\(/;
  const handsOn = /[(,.] ?(options|context|given|variant)[,)]/;
  const unchecked = found.filter(({ name, body }) => !known.has(name) && !checks.test(body) && !handsOn.test(body));
  expect(unchecked.map(({ name }) => name)).toEqual([]);
  const names = new Set(found.map(({ name }) => name));
  expect([...known].filter((name) => !names.has(name))).toEqual([]);
});

const { init, Rng, tensor, intTensor, Parameter } = layers;

/** A value of no kind that anybody takes. */
class Odd {
  readonly odd = true;
}
const odd: readonly unknown[] = [new Odd(), Number.NaN, Symbol("odd"), [new Odd()], "odd"];

describe("unknown names, and values that can't be, of every option", async () => {
  await init();
  const tiny = { imageSize: 8, patchSize: 4, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8 };
  const vit = await vision.ViT.fromConfig({ ...tiny, id2label: { 0: "a", 1: "b" } });
  const words = Object.fromEntries(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"].map((word, id) => [word, id]));
  const tokenizer = nlp.Tokenizer.fromJson({
    added_tokens: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map((content, id) => ({ id, content, special: true })),
    pre_tokenizer: { type: "WhitespaceSplit" },
    model: { type: "WordPiece", vocab: words, unk_token: "[UNK]" },
  });
  const size = { vocabSize: 7, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8, maxPositionEmbeddings: 16 };
  const withTokenizer = <M extends { tokenizer: unknown }>(one: M): M => Object.assign(one, { tokenizer });
  const classifier = withTokenizer(await nlp.BertForSequenceClassification.fromConfig(size));
  const masked = withTokenizer(await nlp.BertForMaskedLM.fromConfig(size));
  const tagger = withTokenizer(await nlp.BertForTokenClassification.fromConfig(size));
  const answerer = withTokenizer(await nlp.BertForQuestionAnswering.fromConfig(size));
  const sentences = withTokenizer(await nlp.SentenceEncoder.fromConfig(size));
  const marian = await nlp.Marian.fromConfig({
    vocabSize: 7, dModel: 8, encoderLayers: 1, decoderLayers: 1, encoderAttentionHeads: 2, decoderAttentionHeads: 2, encoderFfnDim: 8, decoderFfnDim: 8,
    padTokenId: 0, eosTokenId: 3, decoderStartTokenId: 0, maxPositionEmbeddings: 8,
  }); // prettier-ignore
  Object.assign(marian, { tokenizer, targetTokenizer: tokenizer });
  const [x, w] = [tensor([[1, 2], [3, 4]]), new Parameter([2, 2])]; // prettier-ignore
  const image = { width: 8, height: 8, data: new Uint8Array(192) };
  const images = tensor(new Float32Array(192), [1, 3, 8, 8]);
  const text = { inputIds: intTensor([[2, 5, 3]]) };
  const index = new EmbeddingIndex();
  index.add([1, 2]);

  const rows: Readonly<Record<string, (options: never) => unknown>> = {
    matmul: (options) => layers.matmul(x, x, options),
    linear: (options) => layers.linear(x, w, undefined, options),
    sum: (options) => layers.sum(x, undefined, options),
    fft: (options) => layers.fft(x, options),
    conv2d: (options) => layers.conv2d(images, tensor(new Float32Array(3), [1, 3, 1, 1]), undefined, options),
    crossEntropy: (options) => layers.crossEntropy(x, intTensor([0, 1]), options),
    attention: (options) => layers.attention(images, images, images, options),
    Trace: (options) => new layers.Trace(options),
    Linear: (options) => new layers.Linear(2, 2, options),
    SelfAttention: (options) => new layers.SelfAttention(options),
    FeedForward: (options) => new layers.FeedForward(options),
    Conv2d: (options) => new layers.Conv2d(1, 1, 1, options),
    AdamW: (options) => new layers.AdamW([w], options),
    SGD: (options) => new layers.SGD([w], options),
    train: (options) => layers.train(options),
    init: (options) => init(options),
    "LoRA.attach": (options) => layers.LoRA.attach(vit, options),
    "LoRA.fromPretrained": (options) => layers.LoRA.fromPretrained(vit, new Map(), options),
    "ViT.fromPretrained": (options) => vision.ViT.fromPretrained(new Map(), options),
    "ViT.fromConfig": (options) => vision.ViT.fromConfig(tiny, options),
    "ViT.forward": (options) => vit.forward(images, options),
    savePretrained: (options) => vit.savePretrained(new WritableStream(), options),
    encodeSafetensors: (options) => encodeSafetensors(new Map(), options),
    classify: (options) => vision.classify(vit, image, options),
    embedImage: (options) => vision.embedImage(vit, image, options),
    decodeImage: (options) => vision.decodeImage(image, options),
    layerDecayGroups: (options) => vision.layerDecayGroups(vit, options),
    "Tokenizer.encode": (options) => tokenizer.encode("a", options),
    "Tokenizer.encodeWindows": (options) => tokenizer.encodeWindows("a", options),
    "Tokenizer.pad": (options) => tokenizer.pad([tokenizer.encode("a")], options),
    "Tokenizer.decode": (options) => tokenizer.decode([5], options),
    "Tokenizer.fromPretrained": (options) => nlp.Tokenizer.fromPretrained(new Map(), options),
    classifyText: (options) => nlp.classifyText(classifier, "a", options),
    fillMask: (options) => nlp.fillMask(masked, "a [MASK]", options),
    tagTokens: (options) => nlp.tagTokens(tagger, "a", options),
    answer: (options) => nlp.answer(answerer, { question: "a", context: "b" }, options),
    embedText: (options) => nlp.embedText(sentences, "a", options),
    generate: (options) => nlp.generate(marian, text, options),
    generateSteps: async (options) => Array.fromAsync(nlp.generateSteps(marian, text, options)),
    translate: (options) => nlp.translate(marian, "a", options),
    translateStream: async (options) => Array.fromAsync(nlp.translateStream(marian, "a", options)),
    maskTokens: (options) => nlp.maskTokens([5], options, new Rng(0)),
    "EmbeddingIndex.add": (options) => index.add([1, 2], options),
    "EmbeddingIndex.search": (options) => index.search([1, 2], options),
  };
  const attempt = async (call: (options: never) => unknown, options: unknown): Promise<unknown> => {
    try {
      await call(options as never);
      return "nothing was thrown";
    } catch (error) {
      return error;
    }
  };

  test.each(Object.entries(rows))("%s", async (_, call) => {
    const error = (await attempt(call, { oddName: 1 })) as layers.ArgumentError;
    expect(error).toBeInstanceOf(layers.ArgumentError);
    expect(error.found).toContain('"oddName" came');
    const names = error.expected?.replace("options are ", "").split(", ") ?? [];
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      for (const value of odd) {
        const wrong = await attempt(call, { [name]: value });
        const takesAnything =
          value === "odd" ||
          Array.isArray(value) ||
          (value instanceof Odd && /^(validation|run|wasm|sampling|config|metadata)$/.test(name));
        if (!takesAnything || wrong instanceof Error) expect(wrong, `${name}: ${String(value)}`).toBeInstanceOf(layers.XError);
        if (!takesAnything) expect((wrong as Error).message, name).toContain(name);
      }
      const misspelt = (await attempt(call, {
        [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) + (/[A-Z]/.test(name) ? "" : "x")]: 1,
      })) as Error;
      expect(misspelt.message).toMatch(new RegExp(`is ${name}|is \\w+ meant`));
    }
    for (const value of [null, 5, "text", [], new Map(), Promise.resolve({}), () => ({})])
      expect(((await attempt(call, value)) as Error).message, model.shown(value)).toMatch(/options are an object of/);
    const absent = Object.fromEntries(names.map((name) => [name, undefined]));
    const [without, undefinedOnes] = [await attempt(call, {}), await attempt(call, absent)];
    expect(String(undefinedOnes)).toBe(String(without));
  });
});

test("the name that is likely meant", () => {
  const hint = (name: string, known: readonly string[]): string | undefined => {
    try {
      model.checkNames("x", { [name]: 1 }, known);
      return undefined;
    } catch (error) {
      return /is ([\w ]+) meant/.exec((error as Error).message)?.[1];
    }
  };
  for (const [name, meant] of Object.entries({
    lr: "learningRate",
    learning_rate: "learningRate",
    learnignRate: "learningRate",
    top_k: "topK",
    topk: "topK",
    TopK: "topK",
    max_length: "maxLength",
    batch: "batchSize",
    "batch-size": "batchSize",
    r: "rank",
    betas: "beta1 and beta2",
    decay: "layerDecay",
    color: undefined,
    zzz: undefined,
    ab: undefined,
  }))
    // prettier-ignore
    expect(hint(name, ["learningRate", "topK", "maxLength", "batchSize", "rank", "beta1", "layerDecay"]), name).toBe(meant);
});
