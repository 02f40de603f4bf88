/** Every snippet of the READMEs and of the documentation is run, with tiny models in place of the hub's. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveHub, type TestServer } from "@x/testing";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { CLIP, SigLIP, inChunks, tokenize } from "../../packages/clip/src/index.ts";
import {
  AdamW,
  argmax,
  drawNormal,
  init,
  intTensor,
  isInt8,
  liveBytes,
  type LoRA,
  noGrad,
  Rng,
  shutdown,
  type Tensor,
  zeros,
} from "../../packages/layers/src/index.ts";
import * as layers from "../../packages/layers/src/index.ts";
import { BertForMaskedLM, BertForSequenceClassification, SentenceEncoder, type TextBatch } from "../../packages/models-nlp/src/index.ts";
import { Swin, type TokenMap, ViT } from "../../packages/models-vision/src/index.ts";
import { EmbeddingIndex } from "../../packages/search/src/index.ts";
import { type Files, tinyModels } from "./readme/models.ts";
import { complaints } from "./readme/compile.ts";
import { converted } from "./readme/converted.ts";
import { pages } from "./readme/pages.ts";
import { type Modules, readmes, run, type Values } from "./readme/snippets.ts";

const root = join(import.meta.dirname, "../..");
const picture = join(root, "packages/models-vision/golden/image/q85-s0.jpg");
const otherPicture = join(root, "packages/models-vision/golden/image/grey.jpg");

/** TensorFlow.js as the benchmarks have it. */
const tensorFlow = createRequire(join(root, "apps/bench/package.json"));

/** What `@x/integrations` is tested with. */
const frameworks = createRequire(join(root, "packages/integrations/package.json"));

/** What the recipes are run with. */
const recipes = createRequire(join(root, "apps/docs/package.json"));

const modules: Modules = {
  "@x/bulk": () => import("../../packages/bulk/src/index.ts"),
  "@x/clip": () => import("../../packages/clip/src/index.ts"),
  "@x/clip/auto": () => import("../../packages/clip/src/auto/index.ts"),
  "@x/clip-emoji": () => import("../../packages/clip-emoji/src/index.ts"),
  "@x/core-wasm": () => import("../../packages/core-wasm/src/index.ts"),
  "@x/layers": () => import("../../packages/layers/src/index.ts"),
  "@x/layers/model": () => import("../../packages/layers/src/model.ts"),
  "@x/layers/save": () => import("../../packages/layers/src/save.ts"),
  "@x/models-nlp": () => import("../../packages/models-nlp/src/index.ts"),
  "@x/models-nlp/auto": () => import("../../packages/models-nlp/src/auto/index.ts"),
  "@x/models-vision": () => import("../../packages/models-vision/src/index.ts"),
  "@x/models-vision/auto": () => import("../../packages/models-vision/src/auto/index.ts"),
  "@x/search": () => import("../../packages/search/src/index.ts"),
  "@x/worker": () => import("../../packages/worker/src/index.ts"),
  "@x/integrations/ai-sdk": () => import("../../packages/integrations/src/ai-sdk.ts"),
  "@x/integrations/chroma": () => import("../../packages/integrations/src/chroma.ts"),
  "@x/integrations/lancedb": () => import("../../packages/integrations/src/lancedb.ts"),
  "@x/integrations/langchain": () => import("../../packages/integrations/src/langchain.ts"),
  "@x/integrations/llama-index": () => import("../../packages/integrations/src/llama-index.ts"),
  ai: async () => frameworks("ai"),
  "node:http": () => import("node:http"),
  "node:sqlite": () => import("node:sqlite"),
  "sqlite-vec": async () => recipes("sqlite-vec"),
  "@x/core-wasm/relaxed.wasm": async () => ({
    default: await WebAssembly.compile(await readFile(join(root, "packages/core-wasm/build/relaxed.wasm"))),
  }),
  "@huggingface/transformers": () => converted(folder),
  express: async () => ({ default: recipes("express") }),
  hono: async () => recipes("hono"),
  "@lancedb/lancedb/embedding": async () => frameworks("@lancedb/lancedb/embedding"),
  "@x/serve": () => import("../../packages/serve/src/index.ts"),
  "@x/serve/node": () => import("../../packages/serve/src/node.ts"),
  "@x/train": () => import("../../packages/train/src/index.ts"),
  "@x/train/worker": () => import("../../packages/train/src/worker/index.ts"),
  "@x/tfjs": () => import("../../packages/tfjs/src/index.ts"),
  "@tensorflow/tfjs": async () => tensorFlow("@tensorflow/tfjs"),
  "@tensorflow/tfjs-backend-wasm": async () => tensorFlow("@tensorflow/tfjs-backend-wasm"),
  "node:fs/promises": () => import("node:fs/promises"),
};

let models: Readonly<Record<string, Files>>;
let hub: TestServer;
let folder: string;
const home = process.cwd();
const logged: unknown[][] = [];

beforeAll(async () => {
  await init();
  models = await tinyModels();
  expect(liveBytes()).toBe(0);
  shutdown();
  const commit = "0123456789abcdef0123456789abcdef01234567";
  hub = await serveHub(Object.fromEntries(Object.entries(models).map(([id, files]) => [id, { commit, files: Object.fromEntries(files) }])));
  folder = await mkdtemp(join(tmpdir(), "readme-"));
  for (const name of ["cat.jpg", "photo.jpg"]) await copyFile(picture, join(folder, name));
  await copyFile(otherPicture, join(folder, "dog.jpg"));
  process.chdir(folder);
  const settings = { HF_ENDPOINT: hub.url, HF_HUB_CACHE: join(folder, "hub"), HF_HUB_OFFLINE: "", HF_TOKEN: "" };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const send = fetch;
  vi.stubGlobal("fetch", (input: string | URL | Request, request?: RequestInit) => {
    const { origin, href } = new URL(input instanceof Request ? input.url : input);
    if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(origin)) throw new Error(`a snippet asks the network for ${href}`);
    return send(input, request);
  });
  for (const method of ["log", "warn"] as const) vi.spyOn(console, method).mockImplementation((...values) => void logged.push(values));
});

/** Every snippet starts without an engine, as a user's program does; tensors that it leaves go with its engine. */
afterEach(() => {
  shutdown();
  logged.length = 0;
});

afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  process.chdir(home);
  await hub[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

interface Expected {
  /** What the snippet takes for granted. */
  readonly given?: () => Promise<Values>;
  /** The same for the compiler. */
  readonly declared?: string;
  /** What its comments say, as far as it is certain. */
  readonly says?: (values: Values) => void | Promise<void>;
}

const numbers = (...shape: number[]): Tensor => {
  const drawn = zeros(shape);
  drawNormal(drawn, new Rng(1));
  return drawn;
};
const shaped = (...shape: number[]): unknown => expect.objectContaining({ shape });
/** Between 0 and 1. */
const probability = expect.closeTo(0.5, 0);
const tinyClassifier = (): Promise<BertForSequenceClassification> =>
  BertForSequenceClassification.fromPretrained(tinyModel("google-bert/bert-base-uncased"), { labels: ["ham", "spam"] });
const tinyMails = (count: number): { text: string; label: string }[] =>
  Array.from({ length: count }, (_, i) => (i % 2 === 0 ? { text: "the boat is fast", label: "spam" } : { text: "call me", label: "ham" }));
const tinyViT = (): Promise<ViT> => ViT.fromPretrained(tinyModel("google/vit-base-patch16-224"));
const tinyCLIP = (): Promise<CLIP> => CLIP.fromPretrained(tinyModel("openai/clip-vit-base-patch32"));
const tinyModel = (id: string): Files => models[id] ?? new Map();

/** By the snippets' titles. */
const snippets: Readonly<Record<string, Expected>> = {
  ...pages,
  "README.md: Five lines to a label": {
    says: () => expect(logged).toEqual([[expect.stringMatching(/^(cat|dog|bird)$/), probability]]),
  },
  "README.md: Five lines to a label (2)": {
    says: () => {
      expect(logged).toEqual([[expect.stringMatching(/\w/), probability]]);
      expect("Jim Henson was a nice puppet").toContain(logged[0]?.[0]);
    },
  },
  "README.md: Fine-tune it": {
    says: ({ vit, images }) => {
      const logits = noGrad(() => (vit as ViT).forward(images as Tensor));
      expect(argmax(logits).toArray(), "what it was taught").toEqual([0, 1]);
      const written = readdirSync("cats-and-dogs").sort();
      expect(written).toEqual(["config.json", "model.safetensors", "preprocessor_config.json"]);
    },
  },
  "README.md: Look inside": {
    given: async () => ({ vit: await tinyViT(), images: numbers(2, 3, 16, 16) }),
    declared: 'declare const vit: import("@x/models-vision").ViT, images: import("@x/layers").Tensor;',
    says: (values) => {
      expect(values["trace.attentions"]).toEqual([shaped(2, 2, 5, 5), shaped(2, 2, 5, 5)]);
      expect(values["trace.hiddenStates"]).toEqual([shaped(2, 5, 16), shaped(2, 5, 16), shaped(2, 5, 16)]);
      expect(values["attentionMap(vit, images)"]).toEqual(shaped(2, 2, 2));
    },
  },

  "packages/clip-emoji/README.md: @x/clip-emoji": {
    given: async () => ({ bytesOfAnImage: await readFile(picture) }),
    declared: "declare const bytesOfAnImage: Uint8Array;",
    says: (values) => {
      const any = { character: expect.any(String), name: expect.any(String), score: expect.any(Number) };
      expect(values['search.find("red heart")']).toMatchObject([
        { character: "❤️", name: "red heart" },
        { character: "♥️", name: "heart suit" },
        any,
        any,
        any,
      ]);
      expect(values["search.describe(bytesOfAnImage)"]).toEqual([any, any, any, any, any]);
      expect(values["search.model"]).toBeInstanceOf(CLIP);
    },
  },

  "packages/clip/README.md: @x/clip": {
    says: () => expect(logged).toEqual([[expect.stringMatching(/^(cat|dog|bird)$/), probability]]),
  },
  "packages/clip/README.md: Zero-shot": {
    given: async () => ({
      clip: await tinyCLIP(),
      labels: ["cat", "dog", "bird"],
      images: [await readFile(picture), await readFile(picture)],
    }),
    declared: 'declare const clip: import("@x/clip").CLIP, labels: string[], images: Uint8Array[];',
    says: ({ lists }) => {
      const any = { id: expect.any(Number), label: expect.any(String), probability };
      expect(lists).toEqual([
        [any, any, any],
        [any, any, any],
      ]);
    },
  },
  "packages/clip/README.md: Zero-shot (2)": {
    says: ({ likeliest }) =>
      expect(likeliest).toEqual({ id: expect.any(Number), label: expect.stringMatching(/^(cat|dog)$/), probability }),
  },
  "packages/clip/README.md: SigLIP": {
    says: ({ best }) => expect(best).toEqual({ id: expect.any(Number), label: expect.stringMatching(/^(cat|dog|bird)$/), probability }),
  },
  "packages/clip/README.md: SigLIP (2)": {
    given: async () => {
      const siglip = await SigLIP.fromPretrained(tinyModel("google/siglip-base-patch16-224"));
      const optimizer = new AdamW(siglip.parameters(), { learningRate: 1e-3 });
      return { siglip, optimizer, images: numbers(2, 3, 16, 16), inputIds: intTensor([[3, 4], [5, 6]]), steps: 2 }; // prettier-ignore
    },
    declared:
      'declare const siglip: import("@x/clip").SigLIP, images: import("@x/layers").Tensor, inputIds: import("@x/layers").Tensor<"int32">, optimizer: import("@x/layers").Optimizer, steps: number;',
  },
  "packages/clip/README.md: Embeddings and search": {
    given: async () => ({ clip: await tinyCLIP(), files: [await readFile(picture), await readFile(picture)], names: ["one", "two"] }),
    declared: 'declare const clip: import("@x/clip").CLIP, files: Uint8Array[], names: string[];',
    says: (values) => {
      const [row = new Float32Array(), ...others] = values["images"] as Float32Array[];
      expect([row.length, others.length]).toEqual([8, 1]);
      expect(Math.hypot(...row)).toBeCloseTo(1, 5);
      expect(values["similarity(texts, images)"]).toEqual([expect.objectContaining({ length: 2 }), expect.objectContaining({ length: 2 })]);
      const found = [
        { id: 0, payload: "one", score: expect.any(Number) },
        { id: 1, payload: "two", score: expect.any(Number) },
      ];
      expect(values["index.search(texts, { topK: 10 })"]).toEqual([found, found]);
    },
  },
  "packages/clip/README.md: Training": {
    given: async () => ({ clip: await tinyCLIP(), images: numbers(4, 3, 16, 16), captions: ["a red car", "rain", "a dog", "two birds"] }),
    declared: 'declare const clip: import("@x/clip").CLIP, images: import("@x/layers").Tensor, captions: string[];',
    says: ({ clip, images, captions }) => {
      const { inputIds, attentionMask } = tokenize(clip as CLIP, captions as string[]);
      const { logits } = noGrad(() => (clip as CLIP).forward(images as Tensor, inputIds, attentionMask));
      expect(argmax(logits).toArray(), "each image's own text").toEqual([0, 1, 2, 3]);
    },
  },
  "packages/clip/README.md: Training (2)": {
    given: async () => {
      const model = await tinyCLIP();
      const pairs = inChunks(
        { images: numbers(256, 3, 16, 16), inputIds: intTensor(Array.from({ length: 256 }, (_, i) => [3012, i, 3013])) },
        2,
      );
      return {
        clip: model,
        optimizer: new AdamW(model.parameters(), { learningRate: 1e-3 }),
        steps: 2,
        loadPairs: (_step: number, i: number) => pairs[i]?.(),
      };
    },
    declared: `declare const clip: import("@x/clip").CLIP, optimizer: import("@x/layers").AdamW, steps: number;
      declare function loadPairs(step: number, i: number): import("@x/clip").ImageTextPairs;`,
  },

  "packages/core-wasm/README.md: @x/core-wasm": {
    says: () => expect(logged).toEqual([[expect.closeTo(0.8413447, 6)]]),
  },

  "packages/layers/README.md: @x/layers": {
    says: () => {
      const [[rows]] = logged as [[number[][]]];
      expect(rows.map((row) => row.indexOf(Math.max(...row)))).toEqual([0, 1, 1, 0]);
    },
  },
  "packages/layers/README.md: Three doors": {},
  "packages/layers/README.md: Fine-tuning with LoRA": {
    says: ({ vit, lora, again, images }) => {
      const logits = noGrad(() => (vit as ViT).forward(images as Tensor));
      expect(argmax(logits).toArray(), "what it was taught").toEqual([0, 1]);
      expect([(lora as LoRA).enabled, (again as LoRA).merged]).toEqual([false, true]);
      expect(readdirSync("my-adapter").sort()).toEqual(["adapter_config.json", "adapter_model.safetensors"]);
    },
  },
  "packages/layers/README.md: Smaller weights": {
    says: ({ vit, small }) => {
      expect(statSync("half/model.safetensors").size / (4 * (vit as ViT).numParameters)).toBeLessThan(0.7);
      const weights = (small as ViT).namedParameters();
      const [linear, patches] = ["blocks.0.mlp.fc1.weight", "patchEmbed.weight"].map((path) => weights.get(path));
      expect([linear, patches].map((weight) => weight && isInt8(weight))).toEqual([true, false]);
    },
  },

  "packages/models-nlp/README.md: @x/models-nlp": {
    says: () => expect(logged).toEqual([[expect.stringMatching(/^hello i ' m a .+ model\.$/), probability]]),
  },
  "packages/models-nlp/README.md: Sentences by meaning": {
    given: async () => ({ texts: ["The whale is old.", "Rain today"] }),
    declared: "declare const texts: string[];",
    says: ({ query, passages }) => {
      expect(query).toHaveLength(16);
      expect(passages).toHaveLength(2);
    },
  },
  "packages/models-nlp/README.md: Rerankers": {
    given: async () => ({ passages: ["The whale is old.", "Rain today"] }),
    declared: "declare const passages: string[];",
    says: ({ best, scores }) => {
      expect(best).toEqual({ index: expect.any(Number), text: expect.any(String), score: expect.any(Number) });
      expect(scores).toHaveLength(1);
    },
  },
  "packages/models-nlp/README.md: From one language to another": {
    says: ({ nllb }) => expect((nllb as { tokenizer: { languageId(name: string): number } }).tokenizer.languageId("fra_Latn")).toBe(41),
  },
  "packages/models-nlp/README.md: Look inside": {
    given: async () => {
      const bert = await BertForMaskedLM.fromPretrained(tinyModel("google-bert/bert-base-uncased"));
      return { bert, batch: bert.tokenizer?.pad(bert.tokenizer.encodeBatch(["the sea", "call me ishmael"])) };
    },
    declared: 'declare const bert: import("@x/models-nlp").BertForMaskedLM, batch: import("@x/models-nlp").TextBatch;',
    says: (values) => {
      expect(values["trace.attentions"]).toEqual([shaped(2, 2, 6, 6), shaped(2, 2, 6, 6)]);
      expect(values["trace.hiddenStates"]).toEqual([shaped(2, 6, 16), shaped(2, 6, 16), shaped(2, 6, 16)]);
    },
  },
  "packages/models-nlp/README.md: Where you don't know the class": {
    says: (values) => {
      expect(values["model"]).toBeInstanceOf(BertForMaskedLM);
      expect(values['fill("Hello I\'m a [MASK] model.", { topK: 2 })']).toHaveLength(2);
    },
  },
  "packages/models-nlp/README.md: Tokenizers": {
    says: (values) => {
      const length = Math.max(...(values["batch"] as TextBatch).inputIds.shape.slice(1));
      const ids = shaped(2, length);
      expect(values["batch"]).toMatchObject({ inputIds: ids, attentionMask: ids, tokenTypeIds: ids });
      expect(values["tokenizer.decode(ids, { skipSpecialTokens: true })"]).toBe("hello, world!");
    },
  },

  "packages/models-vision/README.md: @x/models-vision": {
    says: () => expect(logged).toEqual([[expect.stringMatching(/^(cat|dog|bird)$/), probability]]),
  },
  "packages/models-vision/README.md: Where you don't know the class": {
    says: (values) => {
      expect(values["model"]).toBeInstanceOf(ViT);
      expect(values['see("cat.jpg", { topK: 1 })']).toEqual([expect.objectContaining({ probability })]);
    },
  },
  "packages/models-vision/README.md: ViT: where it looked": {
    given: async () => ({ vit: await tinyViT(), images: numbers(2, 3, 16, 16) }),
    declared: 'declare const vit: import("@x/models-vision").ViT, images: import("@x/layers").Tensor;',
    says: ({ maps }) => {
      expect(maps).toEqual(shaped(2, 2, 2));
      expect(readFileSync("looked.png").subarray(1, 4).toString()).toBe("PNG");
    },
  },
  "packages/models-vision/README.md: MAE: learning from images without labels": {
    given: async () => {
      await init();
      return { images: numbers(2, 3, 28, 28), noise: numbers(2, 49), rng: new Rng(2) };
    },
    declared: 'declare const images: import("@x/layers").Tensor, noise: import("@x/layers").Tensor, rng: import("@x/layers").Rng;',
    says: (values) => {
      expect(values["loss"]).toEqual(shaped());
      expect(values["visible"]).toEqual(shaped(2, 3, 28, 28));
      expect(values["completed"]).toEqual(shaped(2, 3, 28, 28));
    },
  },
  "packages/models-vision/README.md: Swin: windows that shift": {
    given: async () => ({
      swin: await Swin.fromPretrained(tinyModel("microsoft/swin-tiny-patch4-window7-224")),
      images: numbers(2, 3, 32, 32),
    }),
    declared: 'declare const swin: import("@x/models-vision").Swin, images: import("@x/layers").Tensor;',
    says: ({ quarter, eighth, sixteenth, thirtySecond }) => {
      const maps = [quarter, eighth, sixteenth, thirtySecond] as TokenMap[];
      expect(maps.map(({ size }) => size)).toEqual([8, 4, 2, 1].map((side) => [side, side]));
    },
  },

  "packages/search/README.md: @x/search": {
    says: () => expect(logged).toEqual([1, 2].map(() => [expect.any(Number), expect.stringMatching(/\.$/)])),
  },
  "packages/search/README.md: Entries": {
    given: async () => {
      await init();
      const index = new EmbeddingIndex<{ readonly page: number }>();
      return { index, vectors: [Float32Array.of(1, 0), Float32Array.of(0, 1)], query: Float32Array.of(1, 1) };
    },
    declared: `declare const index: import("@x/search").EmbeddingIndex<{ readonly page: number }>;
      declare const vectors: Float32Array[], query: Float32Array;`,
    says: (values) => {
      const b = { id: "b", payload: { page: 2 } };
      const [search = ""] = Object.keys(values).filter((line) => line.startsWith("index.search"));
      expect(values[search]).toEqual([{ ...b, score: expect.closeTo(Math.SQRT1_2, 5) }]);
      expect(values['index.get("a")']).toEqual({ id: "a", payload: { page: 1 }, vector: Float32Array.of(1, 0) });
      expect((values["index"] as EmbeddingIndex).ids()).toEqual(["b"]);
    },
  },
  "packages/search/README.md: Fewer bytes": {
    given: async () => {
      await init();
      return { EmbeddingIndex, vectors: [Float32Array.of(1, 0), Float32Array.of(0, 1)], query: Float32Array.of(1, 2) };
    },
    declared: "declare const vectors: Float32Array[], query: Float32Array;",
    says: (values) => expect(values["small.search(query)"]).toMatchObject([{ id: 1 }, { id: 0 }]),
  },
  "packages/search/README.md: Files": {
    given: async () => {
      await init();
      const [index, whole] = [new EmbeddingIndex(), new EmbeddingIndex()];
      for (const one of [index, whole]) one.add([1, 2]);
      return { index, whole };
    },
    declared: 'declare const index: import("@x/search").EmbeddingIndex, whole: typeof index;',
    says: ({ whole }) => expect((whole as EmbeddingIndex).ids()).toEqual([0, 1]),
  },

  "packages/bulk/README.md: In code": {
    given: async () => {
      await writeFile("products.jsonl", ["a red kettle", "a blue one"].map((title) => `${JSON.stringify({ title })}\n`).join(""));
      return {};
    },
    says: ({ report }) => {
      expect(report).toMatchObject({ rows: 2, failed: 0, shards: 1 });
      expect(readdirSync(".")).toContain("vectors.npy");
      expect(logged.at(-1)?.slice(0, 2)).toEqual([2, 2]);
    },
  },
  "packages/train/README.md: @x/train": {
    says: () => {
      expect(readdirSync("spam-run").sort()).toEqual(
        [2, 3].map((step) => `checkpoint-0000000${step}.safetensors`).concat("history.jsonl", "history.svg", "owner"),
      );
      expect(readdirSync("spam-classifier")).toEqual(expect.arrayContaining(["config.json", "model.safetensors", "vocab.txt"]));
    },
  },
  "packages/train/README.md: Options": {
    given: async () => {
      const bert = await BertForSequenceClassification.fromPretrained(tinyModel("google-bert/bert-base-uncased"), {
        labels: ["ham", "spam"],
      });
      return { model: bert, mails: tinyMails(9), others: tinyMails(4) };
    },
    declared: `declare const model: import("@x/models-nlp").BertForSequenceClassification;
      declare const mails: import("@x/train").ClassifiedText[], others: typeof mails;`,
    says: ({ best, history }) => {
      expect(best).toMatchObject({ evaluation: { accuracy: expect.any(Number), classes: { ham: { support: 2 }, spam: { support: 2 } } } });
      expect(history).toHaveLength(6);
      expect(logged.map(([step]) => step)).toEqual([1, 2, 3]);
    },
  },
  "packages/train/README.md: Data": {
    given: async () => (await init(), { mails: tinyMails(5) }),
    declared: `declare const mails: import("@x/train").ClassifiedText[];`,
    says: () => expect(logged.map(([length]) => length)).toEqual([2, 2, 1]),
  },
  "packages/train/README.md: Data (2)": {
    given: async () => {
      for (const name of ["cat", "dog"]) {
        await mkdir(join("animals", name), { recursive: true });
        await copyFile(picture, join("animals", name, "one.jpg"));
      }
      return {};
    },
    says: ({ labels }) => expect(labels).toEqual(["cat", "dog"]),
  },
  "packages/train/README.md: Objectives": {
    says: ({ encoder }) => expect(encoder).toBeInstanceOf(SentenceEncoder),
  },
  "packages/train/README.md: Less of a model, less memory": {
    given: async () => ({ model: await tinyClassifier(), mails: tinyMails(4) }),
    declared: `declare const model: import("@x/models-nlp").BertForSequenceClassification, mails: import("@x/train").ClassifiedText[];`,
    says: () => expect(readdirSync("spam-adapter").sort()).toEqual(["adapter_config.json", "adapter_model.safetensors"]),
  },
  "packages/train/README.md: Less of a model, less memory (2)": {
    given: async () => ({ model: await tinyClassifier(), mails: tinyMails(4) }),
    declared: `declare const model: import("@x/models-nlp").BertForSequenceClassification, mails: import("@x/train").ClassifiedText[];`,
    says: ({ features }) => expect(features).toHaveLength(4),
  },
  "packages/train/README.md: In a worker": {
    given: async () => {
      vi.stubGlobal("addEventListener", (type: string) => logged.push([type])); // no browser's worker is here
      return {};
    },
    declared: `declare function spamModel(): Promise<import("@x/models-nlp").BertForSequenceClassification>;`,
    says: () => expect(logged).toEqual([["message"]]),
  },
  "packages/train/README.md: In a worker (2)": {
    given: async () => {
      const heard: ((event: { data: object }) => void)[] = [];
      const told: string[] = [];
      const send = (data: object): void => heard.forEach((hear) => hear({ data }));
      const worker = {
        addEventListener: (type: string, hear: (event: { data: object }) => void) => type === "message" && heard.push(hear),
        postMessage({ kind }: { kind: string }) {
          told.push(kind);
          if (kind !== "resume") return;
          send({ kind: "step", report: { step: 1, steps: 4 } });
          send({ kind: "result", value: told });
        },
      };
      return { worker, mails: [], told };
    },
    declared: `declare const worker: Worker, mails: import("@x/train").ClassifiedText[];`,
    says: ({ training }) => expect([logged, training]).toEqual([[[0.25]], expect.any(Object)]),
  },
  "packages/train/README.md: Your own objective": {
    given: async () => {
      await init();
      return { rows: Array.from({ length: 20 }, (_, i) => ({ x: [i / 20, 1 - i / 20], y: i / 10 })) };
    },
    declared: "declare const rows: { x: number[]; y: number }[];",
    says: ({ history }) => expect((history as { loss: number }[]).at(-1)?.loss).toBeLessThan(0.1),
  },

  "packages/integrations/README.md: Vercel AI SDK": {
    says: ({ embeddings, ranking }) => {
      expect(embeddings).toEqual([expect.objectContaining({ length: 16 }), expect.objectContaining({ length: 16 })]);
      expect(ranking).toEqual([expect.objectContaining({ score: expect.any(Number) })]);
    },
  },
  "packages/integrations/README.md: LangChain.js": { says: ({ vector }) => expect(vector).toHaveLength(16) },
  "packages/integrations/README.md: LlamaIndex.TS": { says: ({ vector }) => expect(vector).toHaveLength(16) },
  "packages/integrations/README.md: LanceDB": {
    says: ({ schema }) => expect((schema as { fields: { name: string }[] }).fields.map(({ name }) => name)).toEqual(["text", "vector"]),
  },
  "packages/integrations/README.md: Chroma": { says: ({ vectors }) => expect(vectors).toEqual([expect.objectContaining({ length: 16 })]) },

  "packages/serve/README.md: @x/serve": {
    says: ({ data }) => expect(data).toMatchObject([{ embedding: expect.objectContaining({ length: 16 }) }]),
  },
  "packages/serve/README.md: In a server of your own": {
    says: ({ answer }) => expect((answer as Response).status).toBe(200),
  },

  "packages/worker/README.md: @x/worker": {
    says: ({ vectors }) => expect(vectors).toEqual([expect.objectContaining({ length: 16 }), expect.objectContaining({ length: 16 })]),
  },
  "packages/worker/README.md: Several models in one worker": {
    says: ({ label, word }) => {
      expect(label).toMatchObject({ label: expect.stringMatching(/^(cat|dog|bird)$/), probability });
      expect(word).toMatchObject({ probability, text: expect.any(String) });
    },
  },

  "packages/tfjs/README.md: @x/tfjs": {
    given: async () => {
      const tf = tensorFlow("@tensorflow/tfjs");
      tensorFlow("@tensorflow/tfjs-backend-wasm");
      await tf.setBackend("wasm");
      const table = tf.tensor2d([[1], [2], [3]]);
      expect(() => tf.spectral.rfft(tf.tensor1d([1, 2, 3]))).toThrow("Kernel 'Complex' not registered for backend 'wasm'");
      expect(() => tf.grad((x: unknown) => tf.gather(x, [0, 2]))(table)).toThrow("Kernel 'UnsortedSegmentSum' not registered");
      return { table };
    },
    declared: 'declare const table: import("@tensorflow/tfjs").Tensor2D;',
    says: (values) => {
      expect(values["tf.spectral.rfft(tf.tensor1d([1, 2, 3]))"]).toMatchObject({ dtype: "complex64", shape: [2] });
      expect(values["tf.grad((table) => tf.gather(table, [0, 2]))(table)"]).toMatchObject({ shape: [3, 1] });
    },
  },
};

const all = readmes();

test("every snippet is found, and is one of those below", () => {
  for (const { file, text, snippets: found } of all) {
    expect(found, file).toHaveLength(text.split(/```(?:ts|js)\n/).length - 1);
    for (const { title, code } of found) expect(code.match(/^ *using .*/m), `${title}: Node 20 and 22 have no using`).toBeNull();
    const others = file.startsWith("apps/docs/") ? "|js$|py$|sql$|http$" : ""; // what isn't JavaScript
    expect(text.match(new RegExp(`^\`\`\`(?!sh$|ts$|$${others}).*$`, "gm")), `blocks in ${file}: ts and js are run, sh isn't`).toBeNull();
  }
  expect(all.flatMap((readme) => readme.snippets.map(({ title }) => title)).sort()).toEqual(Object.keys(snippets).sort());
});

test.each(all.flatMap((readme) => readme.snippets))("$title", async ({ title, file, code }) => {
  const { given, says } = snippets[title] ?? {};
  const ours = await unimported(code, file);
  await run(code, { ...ours, ...(await given?.()) }, modules, (values) => says?.(values));
});

test("they compile in a project that `tsc --init` has made", { timeout: 120_000 }, async () => {
  const programs = await Promise.all(
    all
      .flatMap((readme) => readme.snippets)
      .filter(({ language }) => language === "ts")
      .map(async ({ title, file, code }) => {
        const own = `@x/${file.split("/")[1]}`;
        const lent = Object.entries(await unimported(code, file)).map(([name]) => name);
        const from = (name: string): string => (name in layers ? "@x/layers" : own);
        const imports = lent.map((name) => `import { ${name} } from "${from(name)}";`).join("\n");
        return { title, code: `${imports}\n${snippets[title]?.declared ?? ""}\n${code}` };
      }),
  );
  expect(complaints(programs)).toEqual([]);
});

/** What a snippet uses of its package and of @x/layers without importing it: an earlier one on the page did. */
async function unimported(code: string, file: string): Promise<Values> {
  const [imports, rest] = [code.match(/^import .*$/gm)?.join() ?? "", code.replace(/^import .*$/gm, "")];
  const mentions = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
  const own = modules[`@x/${file.split("/")[1]}`];
  const names = { ...(await modules["@x/layers"]?.()), ...(await own?.()) };
  return Object.fromEntries(Object.entries(names).filter(([name]) => own && mentions(rest, name) && !mentions(imports, name)));
}
