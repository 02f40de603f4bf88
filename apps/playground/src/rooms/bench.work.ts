/** Our kernels beside onnxruntime-web's, and for gradients beside jax-js's, on this machine: the same models, the same weights, in turns. */
import type { Contender } from "@x/bench/src/case.ts";
import { interleave } from "@x/bench/src/measure.ts";
import { jax } from "@x/bench/src/peers/jax.ts";
import { feedForward } from "@x/bench/src/suites/training.ts";
import { fillNormal, init, intTensor, noGrad, Rng, scope, tensor } from "@x/layers";
import { Bert } from "@x/models-nlp";
import { ViT } from "@x/models-vision";
import { bertModel } from "@x/bench/src/onnx/bert.ts";
import { viTModel } from "@x/bench/src/onnx/vit.ts";
import { Weights } from "@x/bench/src/weights.ts";

export interface Row {
  readonly name: string;
  readonly peer: "onnxruntime-web" | "jax-js";
  /** Milliseconds, the median. */
  readonly ours: number;
  readonly theirs: number;
  /** The largest difference of the outputs. */
  readonly apart: number;
}

export interface BenchWork {
  /** Which kernels and how many threads are at work. */
  engine(): Promise<{ readonly simd: string; readonly threads: number }>;
  /** Runs everything, calling `onRow` as results come. The first call loads onnxruntime-web and jax-js. */
  run(onRow: (row: Row) => void): Promise<void>;
}

const [TOKENS, SIDE] = [16, 224];

export async function open(): Promise<BenchWork> {
  return {
    async engine() {
      const { simd, threads } = await init();
      return { simd, threads };
    },
    async run(onRow) {
      const ort = await runtime((await init()).threads);
      onRow(await viT(ort));
      onRow(await miniLM(ort));
      onRow(await gradients());
    },
  };
}

type Ort = Awaited<ReturnType<typeof runtime>>;

/** onnxruntime-web with its WebAssembly, from beside the page. */
async function runtime(threads: number): Promise<typeof import("onnxruntime-web/wasm")> {
  const [ort, { default: wasm }] = await Promise.all([import("onnxruntime-web/wasm"), import("../worker/ort-wasm.ts")]);
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { wasm };
  return ort;
}

/** DeiT-Tiny's shape, one picture. */
async function viT(ort: Ort): Promise<Row> {
  const shape = { hiddenSize: 192, numHiddenLayers: 12, numAttentionHeads: 3, intermediateSize: 768, numLabels: 1000 };
  using vit = await ViT.fromConfig(shape, { rng: new Rng(1) });
  if (vit.head) fillNormal(vit.head.weight, new Rng(2), 0.1); // it begins as zeros, which agree with anything
  const session = await ort.InferenceSession.create(viTModel(vit.config, new Weights(vit), 1));
  const pixels = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => Math.sin(i / 91));
  using images = tensor(pixels, [1, 3, SIDE, SIDE]);
  const given = { images: new ort.Tensor("float32", pixels, [1, 3, SIDE, SIDE]) };
  const ours = (): Float32Array => noGrad(() => vit.forward(images).toTypedArray());
  const theirs = async (): Promise<Float32Array> => (await session.run(given))["logits"]?.data as Float32Array;
  const row = await compared("onnxruntime-web", "ViT-Tiny, a picture of 224 × 224", ours, theirs);
  await session.release();
  return row;
}

/** MiniLM's shape, a sentence of 16 tokens. */
async function miniLM(ort: Ort): Promise<Row> {
  const shape = { hiddenSize: 384, numHiddenLayers: 6, numAttentionHeads: 12, intermediateSize: 1536, vocabSize: 2000 };
  using bert = await Bert.fromConfig(shape, { rng: new Rng(3) });
  const session = await ort.InferenceSession.create(bertModel(bert.config, new Weights(bert), 1, TOKENS));
  const ids = Array.from({ length: TOKENS }, (_, i) => 5 + 7 * i);
  using inputIds = intTensor(ids, [1, TOKENS]);
  const given = { input_ids: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [1, TOKENS]) };
  const ours = (): Float32Array => noGrad(() => bert.encode({ inputIds }).toTypedArray());
  const theirs = async (): Promise<Float32Array> => (await session.run(given))["last_hidden_state"]?.data as Float32Array;
  const row = await compared("onnxruntime-web", "MiniLM's shape, a sentence of 16 tokens", ours, theirs);
  await session.release();
  return row;
}

/** BERT-Base's feed-forward layer on 128 tokens. jax-js starts a thread for each core. */
async function gradients(): Promise<Row> {
  const task = await feedForward(128, 768, 3072).prepare();
  const theirs = await jax.prepare(task, { threads: navigator.hardwareConcurrency, runtime: "chromium" });
  const row = await compared(
    "jax-js",
    "Gradients of a feed-forward layer, 128 tokens",
    () => task.ours.run() as Float32Array,
    async () => (await theirs.run()) as Float32Array,
  );
  await task.ours.dispose?.();
  return row;
}

async function compared(peer: Row["peer"], name: string, ours: () => Float32Array, theirs: () => Promise<Float32Array>): Promise<Row> {
  const other = await theirs();
  const apart = scope(() => ours().reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] ?? Number.NaN))), 0));
  const contenders: Contender[] = [
    { name: "@x", run: async () => void ours() },
    { name: peer, run: async () => void (await theirs()) },
  ];
  const [own, foreign] = await interleave(contenders, { seconds: 4 });
  return { name, peer, ours: own?.median ?? Number.NaN, theirs: foreign?.median ?? Number.NaN, apart };
}
