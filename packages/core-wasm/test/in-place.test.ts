/** Kernels whose headers let the result lie where an operand lies: the same bits as apart. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Core } from "../src/index.ts";
import { Bench, type Operand } from "./bench.ts";

/** Launches a kernel at size n; `over` says where the result goes that may take the operand's place. */
type InPlace = (bench: Bench, n: number, over: (operand: Operand) => number) => void;

const maps = [
  ...(["relu", "tanh", "sigmoid", "silu", "gelu", "geluTanh", "quickGelu"] as const),
  ...(["negate", "exp", "log", "sqrt", "rsqrt", "square", "abs", "copy"] as const),
].map((kernel): [string, InPlace] => [
  kernel,
  (bench, n, over) => {
    const x = bench.numbers(n, "positive");
    bench.launchElements(kernel, n, x.pointer, over(x));
  },
]);

const gradients = (
  ["reluBackward", "tanhBackward", "sigmoidBackward", "siluBackward", "geluBackward", "geluTanhBackward", "quickGeluBackward"] as const
).map((kernel): [string, InPlace] => [
  `${kernel} over dy`,
  (bench, n, over) => {
    const [x, dy] = [bench.numbers(n), bench.numbers(n)];
    bench.launchElements(kernel, n, x.pointer, dy.pointer, over(dy));
  },
]);

const pairs = (["add", "subtract", "multiply", "divide", "maximum", "minimum"] as const).flatMap((kernel) =>
  ([0, 1] as const).map((which): [string, InPlace] => [
    `${kernel} over ${"ab"[which]}`,
    (bench, n, over) => {
      const operands = [bench.numbers(n), bench.numbers(n, "positive")] as const;
      bench.launchElements(kernel, n, operands[0].pointer, operands[1].pointer, over(operands[which]));
    },
  ]),
);

const rows = (["softmax", "logSoftmax"] as const).flatMap((kernel): [string, InPlace][] => [
  [
    kernel,
    (bench, n, over) => {
      const x = bench.numbers(5 * n);
      bench.launch(kernel, 5, x.pointer, over(x), n);
    },
  ],
  [
    `${kernel}Backward over dy`,
    (bench, n, over) => {
      const [y, dy] = [bench.numbers(5 * n), bench.numbers(5 * n)];
      bench.launch(`${kernel}Backward`, 5, y.pointer, dy.pointer, over(dy), n);
    },
  ],
]);

const others: Readonly<Record<string, InPlace>> = {
  scaleShift(bench, n, over) {
    const x = bench.numbers(n);
    bench.launchElements("scaleShift", n, x.pointer, over(x), 3, 1);
  },
  clamp(bench, n, over) {
    const x = bench.numbers(n);
    bench.launchElements("clamp", n, x.pointer, over(x), -0.5, 0.5);
  },
  power(bench, n, over) {
    const x = bench.numbers(n, "positive");
    bench.launchElements("power", n, x.pointer, over(x), 1.5);
  },
  dropout(bench, n, over) {
    const x = bench.numbers(n);
    bench.launchElements("dropout", n, x.pointer, over(x), 0.6, 1, 2, 3);
  },
  "binaryCrossEntropyBackward over dy"(bench, n, over) {
    const [x, targets, dy] = [bench.numbers(n), bench.numbers(n), bench.numbers(n)];
    bench.launchElements("binaryCrossEntropyBackward", n, x.pointer, targets.pointer, dy.pointer, over(dy));
  },
  "maximumBackward, da over dy"(bench, n, over) {
    const [a, b, dy] = [bench.numbers(n, "halves"), bench.numbers(n, "halves"), bench.numbers(n)];
    const db = bench.output(n);
    bench.launchElements("maximumBackward", n, a.pointer, b.pointer, dy.pointer, over(dy), db.pointer);
  },
  "maximumBackward, db over dy"(bench, n, over) {
    const [a, b, dy] = [bench.numbers(n, "halves"), bench.numbers(n, "halves"), bench.numbers(n)];
    const da = bench.output(n);
    bench.launchElements("maximumBackward", n, a.pointer, b.pointer, dy.pointer, da.pointer, over(dy));
  },
  layerNorm(bench, n, over) {
    const [x, weight, bias] = [bench.numbers(5 * n), bench.numbers(n), bench.numbers(n)];
    bench.launch("layerNorm", 5, x.pointer, weight.pointer, bias.pointer, over(x), 0, 0, n, 1e-5);
  },
  "layerNormBackward over dy"(bench, n, over) {
    const [x, weight, mean, rstd, dy] = [5 * n, n, 5, 5, 5 * n].map((length) => bench.numbers(length)) as [
      Operand,
      Operand,
      Operand,
      Operand,
      Operand,
    ];
    bench.launch("layerNormBackward", 5, x.pointer, weight.pointer, mean.pointer, rstd.pointer, dy.pointer, over(dy), n);
  },
  "crossEntropyBackward over logits"(bench, n, over) {
    const [logits, labels, logSumExp, dy] = [bench.numbers(5 * n), bench.ids(5, n), bench.numbers(5, "positive"), bench.numbers(5)];
    bench.launch("crossEntropyBackward", 5, logits.pointer, labels.pointer, logSumExp.pointer, dy.pointer, over(logits), n, -100, 0.1);
  },
  batchNorm(bench, n, over) {
    const [x, mean, variance, weight, bias] = [
      bench.numbers(6 * n),
      bench.numbers(3),
      bench.numbers(3, "positive"),
      bench.numbers(3),
      bench.numbers(3),
    ];
    bench.launch("batchNorm", 6, x.pointer, mean.pointer, variance.pointer, weight.pointer, bias.pointer, over(x), 3, n, 1e-5);
  },
  ...Object.fromEntries(
    (["batchNormBackward", "batchNormInferenceBackward"] as const).map((kernel): [string, InPlace] => [
      `${kernel} over dy`,
      (bench, n, over) => {
        const [x, mean, variance, weight, dy] = [
          bench.numbers(6 * n),
          bench.numbers(3),
          bench.numbers(3, "positive"),
          bench.numbers(3),
          bench.numbers(6 * n),
        ];
        const [dw, db] = [bench.output(3), bench.output(3)];
        const parts = [x.pointer, mean.pointer, variance.pointer, weight.pointer, dy.pointer, over(dy), dw.pointer, db.pointer] as const;
        bench.launch(kernel, 3, ...parts, 2, 3, n, 1e-5);
      },
    ]),
  ),
};

describe.for(["plain", "relaxed"] as const)("%s", (simd) => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.create({ threads: 1, simd });
  });
  afterAll(() => core[Symbol.dispose]());

  /** The result's bits. */
  function result(run: InPlace, n: number, inPlace: boolean): Int32Array {
    using bench = new Bench(core);
    let written = { pointer: 0, length: 0 };
    run(bench, n, (operand) => {
      const { length } = operand.values;
      written = inPlace ? { pointer: operand.pointer, length } : bench.output(length);
      return written.pointer;
    });
    return bench.bits(written);
  }

  test.for([...maps, ...gradients, ...pairs, ...rows, ...Object.entries(others)])("%s", ([, run]) => {
    for (const n of [1, 3, 4, 5, 17, 64, 197]) expect(result(run, n, true), `size ${n}`).toEqual(result(run, n, false));
  });
});
