/** What users may write. In a strict project: `exactOptionalPropertyTypes`, which `tsc --init` sets, tells an option that is undefined from one that is missing. Ours don't. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as layers from "../../packages/layers/src/index.ts";
import * as model from "../../packages/layers/src/model.ts";
import { complaints } from "./readme/compile.ts";

const root = join(import.meta.dirname, "../..");

test("a name stands at one door", () => {
  expect(Object.keys(layers).filter((name) => name in model)).toEqual([]);
});

test("whatever an option is, it may be undefined", () => {
  const sources = globSync("packages/*/src/**/*.ts", { cwd: root }).filter((file) => !/\/(testing|generated)\//.test(file));
  const optional = sources.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/readonly (\w+)\?: (.*)/g)].map(([, name, type = ""]) => ({ file, name, type })),
  );
  expect(optional.length).toBeGreaterThan(100);
  expect(optional.filter(({ type }) => !/\b(undefined|unknown)\b/.test(type))).toEqual([]);
});

test("calls with options that may be undefined compile", { timeout: 60_000 }, () => {
  const declared = `
    import { type Activation, AdamW, attention, conv2d, fft, init, linear, Linear, LoRA, matmul, type Rng, SelfAttention, sum, type Tensor, Trace, train } from "@x/layers";
    import { BertForSequenceClassification, embedText, Marian, translate } from "@x/models-nlp";
    import { classify, MAE, ViT } from "@x/models-vision";
    import { CLIP, zeroShot } from "@x/clip";
    import { EmbeddingIndex } from "@x/search";
    declare const x: Tensor, trace: Trace | undefined, rng: Rng | undefined, some: number | undefined, flag: boolean | undefined;
    declare const signal: AbortSignal | undefined, labels: string[] | undefined, activation: Activation | undefined, bytes: Uint8Array<ArrayBuffer> | undefined;`;
  const code = `${declared}
    await init({ threads: some, simd: undefined, wasm: bytes, maximumBytes: some });
    const vit = await ViT.fromPretrained("a/b", { labels, rng, config: undefined, dtype: undefined, signal, onProgress: undefined, revision: undefined, token: undefined, offline: flag });
    const bert = await BertForSequenceClassification.fromPretrained("a/b", { labels, strict: flag, ignore: labels });
    await ViT.fromConfig({}, { rng });
    await vit.savePretrained("folder", { dtype: undefined, alongside: undefined, signal });
    vit.forward(x, { trace });
    (await MAE.fromConfig({})).forward(x, x, { trace });
    new Trace({ attentions: flag, hiddenStates: flag });
    new Linear(1, 2, { bias: flag });
    new SelfAttention({ hiddenSize: 4, numHeads: 1, qkvBias: flag, attentionDropout: some, dropout: some, rng });
    linear(x, x, undefined, { activation });
    matmul(x, x, { transposeA: flag, transposeB: flag });
    conv2d(x, x, undefined, { stride: some, padding: some });
    attention(x, x, x, { numHeads: 1, scale: some, mask: undefined, bias: undefined, causal: flag });
    fft(x, { inverse: flag });
    sum(x, undefined, { keepAxes: flag });
    const lora = LoRA.attach(vit, { rank: some, alpha: some, dropout: some, targetModules: labels, modulesToSave: labels, rng });
    const optimizer = new AdamW(lora.parameters(), { learningRate: 1, beta1: some, weightDecay: some });
    await train({ optimizer, steps: 1, loss: () => x, model: undefined, schedule: undefined, onStep: undefined, signal });
    await classify(vit, new Blob(), { topK: some, batchSize: some, signal });
    await embedText(await CLIP.fromPretrained("a/b", { labels }), "text", { truncation: undefined, maxLength: some, signal });
    const marian = await Marian.fromPretrained("a/b");
    await translate(marian, "text", { numBeams: some, maxLength: some, sampling: undefined, signal });
    await zeroShot(await CLIP.fromPretrained("a/b"), ["cat"], { templates: labels, signal });
    new EmbeddingIndex().add([1, 2], { ids: undefined, payloads: undefined });
    bert.dispose();`;
  expect(complaints([{ title: "undefined", code }])).toEqual([]);
});
