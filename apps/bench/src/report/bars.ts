/** How fast and how small we want to be, and whether we are. */
import { runtimeTitle } from "../runtimes/names.ts";
import { type Cell, numbers, type Table, words } from "./blocks.ts";
import { ratioText } from "./case-tables.ts";
import { type Footprint, size } from "./footprint.ts";
import type { Row } from "./rows.ts";

/** What has been measured. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly footprints: readonly Footprint[];
}

/** One figure that a bar is about. */
interface Reading {
  readonly what: string;
  readonly value: number;
}

export interface Bar {
  readonly work: string;
  readonly against: string;
  readonly aim: "at least" | "at most";
  readonly value: number;
  /** How figures are written. */
  readonly show: (value: number) => string;
  /** What measures it. */
  readonly command: string;
  readonly readings: (measured: Measured) => readonly Reading[];
}

const times = (value: number): string => `${ratioText(value)}×`;
const matrices = /^matmul (?:128|197|1576)×[^,]*$/;
const models =
  /^(?:BERT-Base, 1 × 128 tokens|ViT-B\/16, batch 1|Swin-T, 224 px, batch 1|MAE ViT-B\/16 encoder, .*|CLIP ViT-B\/32 image tower|Mixer-B\/16, 224 px, batch 1)$/;
const shortTexts = /^(?:MiniLM, 1 × 16 tokens|CLIP .*text tower.*)$/;
const int8Bert = /^BERT-Base int8, 1 × 128 tokens$/;
const steps = /^(?:ViT-B\/16|BERT-Base) training step/;
const modelSuites = "vit vision language clip";
const sixModels = "BERT-Base 1×128, ViT-B/16, Swin-T, MAE's encoder, CLIP ViT-B/32, Mixer-B/16";
const wideModels = `pnpm bench ${modelSuites} --runtimes node-wide`;
const wideInt8 = "pnpm bench int8 --threads 1 --runtimes node-wide";

interface Which {
  readonly cases: RegExp;
  readonly peer: string;
  /** Default: the latest Node. */
  readonly runtimes?: readonly string[];
  /** Default: any. */
  readonly threads?: number;
}

const pick = ({ rows }: Measured, { cases, peer, runtimes = ["node"], threads }: Which): Row[] =>
  rows.filter(
    (row) =>
      cases.test(row.case) &&
      row.peer === peer &&
      runtimes.includes(row.runtime.split(" ")[0] ?? "") &&
      (threads === undefined || row.threads === threads),
  );

const nameOf = (row: Row): string =>
  `${row.case}, ${runtimeTitle(row.runtime)}, ${row.threads === 1 ? "1 thread" : `${row.threads} threads`}`;

/** At least so many times as fast as somebody else. */
const faster = (bar: Pick<Bar, "work" | "against" | "value" | "command">, which: Which): Bar => ({
  ...bar,
  aim: "at least",
  show: times,
  readings: (measured) => pick(measured, which).map((row) => ({ what: nameOf(row), value: row.ratio })),
});

/** A page's download: at most so many bytes. */
const download = (work: string, what: string, value: number): Bar => ({
  work,
  against: "gzip, WebAssembly included",
  aim: "at most",
  value,
  show: size,
  command: "pnpm bench footprint",
  readings: ({ footprints }) =>
    footprints
      .filter((footprint) => footprint.measure === "download, gzip" && footprint.who === "ours" && footprint.what === what)
      .map(({ bytes }) => ({ what, value: bytes })),
});

export const bars: readonly Bar[] = [
  faster(
    {
      work: "float32 matrix products, shapes of BERT and ViT, 1 thread",
      against: "what vectors of 128 or 256 bits can do (`roofline`)",
      value: 0.92,
      command: "pnpm bench matmul --threads 1 --runtimes node,node-wide",
    },
    { cases: /^matmul (?:128|197|1576)×.*, in place$/, peer: "roofline", runtimes: ["node", "node-wide"], threads: 1 },
  ),
  faster(
    { work: "the same", against: "onnxruntime-web, 1 thread", value: 1.9, command: "pnpm bench matmul --threads 1" },
    { cases: matrices, peer: "onnxruntime-web", threads: 1 },
  ),
  faster(
    {
      work: "the same without relaxed SIMD (Node 20)",
      against: "onnxruntime-web, 1 thread",
      value: 1.3,
      command: "pnpm bench matmul --threads 1 --runtimes node20",
    },
    { cases: matrices, peer: "onnxruntime-web", runtimes: ["node20"], threads: 1 },
  ),
  faster(
    { work: "A·Bᵀ and Aᵀ·B, for gradients", against: "our own A·B", value: 0.9, command: "pnpm bench matmul" },
    { cases: /^matmul A/, peer: "self A·B" },
  ),
  faster(
    {
      work: `${sixModels}: latest Node and Chromium`,
      against: "onnxruntime-web, as many threads",
      value: 1.9,
      command: `pnpm bench ${modelSuites} --runtimes node,chromium`,
    },
    { cases: models, peer: "onnxruntime-web", runtimes: ["node", "chromium"] },
  ),
  faster(
    { work: "the same on 256-bit vectors, Node", against: "onnxruntime-web with the same flag", value: 1.9, command: wideModels },
    { cases: models, peer: "onnxruntime-web", runtimes: ["node-wide"] },
  ),
  faster(
    { work: "the same on 256-bit vectors, Node", against: "onnxruntime-node (native), as many threads", value: 0.8, command: wideModels },
    { cases: models, peer: "onnxruntime-node", runtimes: ["node-wide"] },
  ),
  faster(
    {
      work: "the same, Firefox",
      against: "onnxruntime-web there",
      value: 1.7,
      command: `pnpm bench ${modelSuites} --short --runtimes firefox`,
    },
    { cases: models, peer: "onnxruntime-web", runtimes: ["firefox"] },
  ),
  faster(
    { work: "the same, Deno", against: "onnxruntime-web there", value: 1.6, command: `pnpm bench ${modelSuites} --short --runtimes deno` },
    { cases: models, peer: "onnxruntime-web", runtimes: ["deno"] },
  ),
  faster(
    { work: "the same, Bun", against: "onnxruntime-web there", value: 1.35, command: `pnpm bench ${modelSuites} --short --runtimes bun` },
    { cases: models, peer: "onnxruntime-web", runtimes: ["bun"] },
  ),
  faster(
    {
      work: "the same without relaxed SIMD (Node 20)",
      against: "onnxruntime-web, as many threads",
      value: 1.25,
      command: `pnpm bench ${modelSuites} --runtimes node20`,
    },
    { cases: models, peer: "onnxruntime-web", runtimes: ["node20"] },
  ),
  faster(
    { work: "MiniLM's shape, 16 tokens; CLIP's text tower", against: "onnxruntime-web", value: 1.9, command: "pnpm bench language clip" },
    { cases: shortTexts, peer: "onnxruntime-web" },
  ),
  faster(
    { work: "the same", against: "onnxruntime-node (native)", value: 0.55, command: "pnpm bench language clip" },
    { cases: shortTexts, peer: "onnxruntime-node" },
  ),
  faster(
    { work: "BERT-Base 1×128 in int8, 1 thread", against: "onnxruntime-web in int8", value: 2, command: "pnpm bench int8 --threads 1" },
    { cases: int8Bert, peer: "onnxruntime-web", threads: 1 },
  ),
  faster(
    { work: "the same", against: "our own float32", value: 1.8, command: "pnpm bench int8 --threads 1" },
    { cases: int8Bert, peer: "self float32", threads: 1 },
  ),
  faster(
    { work: "the same on 256-bit vectors", against: "onnxruntime-node (native) in int8", value: 0.5, command: wideInt8 },
    { cases: int8Bert, peer: "onnxruntime-node", runtimes: ["node-wide"], threads: 1 },
  ),
  {
    work: "the same on 256-bit vectors",
    against: "onnxruntime-node (native) in float32",
    aim: "at least",
    value: 1.5,
    show: times,
    command: "pnpm bench int8 language --threads 1 --runtimes node-wide",
    readings: (measured) => {
      const [int8] = pick(measured, { cases: int8Bert, peer: "onnxruntime-node", runtimes: ["node-wide"], threads: 1 });
      const [float32] = pick(measured, {
        cases: /^BERT-Base, 1 × 128 tokens$/,
        peer: "onnxruntime-node",
        runtimes: ["node-wide"],
        threads: 1,
      });
      return int8 && float32 ? [{ what: nameOf(int8), value: float32.peerMs / int8.oursMs }] : [];
    },
  },
  faster(
    { work: "two-dimensional Fourier transform, 512×768", against: "onnxruntime-web's DFT", value: 40, command: "pnpm bench fft" },
    { cases: /^fft 512×768$/, peer: "onnxruntime-web" },
  ),
  faster(
    { work: "its pass over rows, 1 thread", against: "pffft in WebAssembly", value: 1, command: "pnpm bench fft --threads 1" },
    { cases: /^fft, a row of 512×768, in place$/, peer: "pffft", threads: 1 },
  ),
  {
    work: "training steps: ViT-B/16 batch 8 and BERT-Base 8×128, 2 threads",
    against: "our own forward pass",
    aim: "at most",
    value: 3.2,
    show: times,
    command: "pnpm bench training --threads 2",
    readings: (measured) =>
      pick(measured, { cases: steps, peer: "self forward", threads: 2 }).map((row) => ({ what: nameOf(row), value: 1 / row.ratio })),
  },
  faster(
    {
      work: "the same on 256-bit vectors",
      against: "PyTorch on the CPU, 2 threads",
      value: 0.9,
      command: "BENCH_PYTHON=python3 pnpm bench training --threads 2 --runtimes node-wide",
    },
    { cases: steps, peer: "pytorch", runtimes: ["node-wide"], threads: 2 },
  ),
  faster(
    {
      work: "a feed-forward layer's gradients, 512 tokens, 1 thread",
      against: "jax-js",
      value: 3,
      command: "pnpm bench training --threads 1",
    },
    { cases: /^feed-forward 768→3072→768, forward and backward/, peer: "jax-js", threads: 1 },
  ),
  faster(
    { work: "the same", against: "tfjs-wasm", value: 50, command: "pnpm bench training --threads 1" },
    { cases: /^feed-forward 768→3072→768, forward and backward/, peer: "tfjs-wasm", threads: 1 },
  ),
  {
    work: "to hand work to the thread pool and have it back, threads awake",
    against: "",
    aim: "at most",
    value: 5,
    show: (microseconds) => `${microseconds.toPrecision(2)} µs`,
    command: "pnpm bench fork-join --threads 2",
    readings: (measured) =>
      pick(measured, { cases: /^fork and join$/, peer: "self alone" }).map((row) => ({ what: nameOf(row), value: 1000 * row.oursMs })),
  },
  download("download of a page that runs a ViT", "a page that runs a ViT", 100e3),
  download("download of everything", "a page with everything", 200e3),
];

/** A line a bar: what was aimed at, the figure that comes closest to missing it, and how many others there are. */
export function barsTable(measured: Measured): Table {
  return {
    kind: "table",
    columns: [words("work"), words("against"), numbers("bar"), ...["measured", "", "command"].map(words)],
    lines: bars.map((bar) => {
      const { work, against, aim, value, show, command } = bar;
      return [work, against, `${aim === "at least" ? "≥" : "≤"} ${show(value)}`, ...outcome(bar, measured), `\`${command}\``];
    }),
  };
}

function outcome({ aim, value, show, readings }: Bar, measured: Measured): [Cell, Cell] {
  const towards = aim === "at least" ? 1 : -1;
  const sorted = readings(measured).toSorted((a, b) => towards * (a.value - b.value));
  const [worst, best] = [sorted[0], sorted.at(-1)];
  if (!worst || !best) return ["not measured", ""];
  const met = sorted.filter((reading) => towards * (reading.value - value) >= 0).length;
  const range = worst === best ? show(worst.value) : `${show(worst.value)} (${worst.what}) to ${show(best.value)}`;
  return [{ text: range, tone: met === sorted.length ? "good" : "poor" }, verdict(met, sorted.length)];
}

function verdict(met: number, count: number): string {
  if (count === 1) return met === 1 ? "reached" : "missed";
  return met === count ? `all ${count} reach it` : `${met} of ${count} reach it`;
}
