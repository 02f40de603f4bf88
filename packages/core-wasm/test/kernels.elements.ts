/** Kernels whose unit is an element: the pool splits them at multiples of 64 only. */
import { expect } from "vitest";
import * as activation from "../reference/activation.ts";
import { binaryCrossEntropy, binaryCrossEntropyBackward } from "../reference/binary-cross-entropy.ts";
import * as convert from "../reference/convert.ts";
import { dropout } from "../reference/dropout.ts";
import * as elementwise from "../reference/elementwise.ts";
import * as gelu from "../reference/gelu.ts";
import type { Numbers } from "../reference/numbers.ts";
import * as optimizer from "../reference/optimizer.ts";
import * as random from "../reference/random.ts";
import * as unary from "../reference/unary.ts";
import type { Bench, Draw, KernelCase } from "./bench.ts";

/** y = f(x): one operand, n elements. */
const map =
  (kernel: MapKernel, reference: (x: Numbers) => Numbers, draw: Draw = "any"): KernelCase =>
  (bench, n) => {
    const x = bench.numbers(n, draw);
    const y = bench.output(n);
    bench.launchElements(kernel, n, x.pointer, y.pointer);
    bench.expect(y, reference(x.values));
    return [y];
  };

type MapKernel =
  | (keyof typeof activation & ("relu" | "tanh" | "sigmoid" | "silu"))
  | "gelu"
  | "geluTanh"
  | "quickGelu"
  | "negate"
  | "exp"
  | "log"
  | "sqrt"
  | "rsqrt"
  | "square"
  | "abs"
  | "copy";

/** y = f(a, b): n elements each. */
const pair =
  (
    kernel: PairKernel,
    reference: (a: Numbers, b: Numbers) => Numbers,
    [first, second]: readonly [Draw, Draw] = ["any", "any"],
  ): KernelCase =>
  (bench, n) => {
    const [a, b] = [bench.numbers(n, first), bench.numbers(n, second)];
    const y = bench.output(n);
    bench.launchElements(kernel, n, a.pointer, b.pointer, y.pointer);
    bench.expect(y, reference(a.values, b.values));
    return [y];
  };

type PairKernel =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "maximum"
  | "minimum"
  | "binaryCrossEntropy"
  | "absBackward"
  | "reluBackward"
  | "tanhBackward"
  | "sigmoidBackward"
  | "siluBackward"
  | "geluBackward"
  | "geluTanhBackward"
  | "quickGeluBackward";

const stream = { seedLow: 123, seedHigh: 45, stream: 6 };
const drawn = [stream.seedLow, stream.seedHigh, stream.stream] as const;

/** Bits of 16-bit floats: random ones, and all the special ones. */
const halves = (bench: Bench, n: number): Uint16Array =>
  Uint16Array.from({ length: n }, (_, i) => [0, 0x8000, 1, 0x7c00, 0xfc00, 0x7f80, 0xff80, 0x3ff][i] ?? Math.floor(bench.next() * 65536));

const widened =
  (kernel: "f16ToF32" | "bf16ToF32"): KernelCase =>
  (bench, n) => {
    const x = halves(bench, n);
    const y = bench.output(n);
    bench.launchElements(kernel, n, bench.bytes(x), y.pointer);
    expect([...bench.read(y)]).toEqual([...convert[kernel](x)]);
    return [y];
  };

/** float32 of every magnitude, ties, infinities and denormals of the narrow format among them. */
const narrowed =
  (kernel: "f32ToF16" | "f32ToBf16"): KernelCase =>
  (bench, n) => {
    const special = [0, -0, 1 + 2 ** -11, 1 + 2 ** -8, 65519, 65520, -Infinity, 2 ** -24, 2 ** -25, 3.3e38, 1e-40];
    const x = bench.given(Array.from({ length: n }, (_, i) => special[i] ?? (bench.next() - 0.5) * 2 ** (300 * bench.next() - 160)));
    const y = bench.output(Math.ceil(n / 2));
    bench.launchElements(kernel, n, x.pointer, y.pointer);
    const bits = new Uint16Array(bench.readBytes(y, 2 * n).buffer);
    expect([...bits]).toEqual([...convert[kernel](x.values)]);
    return [];
  };

/** Whether it steps like the reference, in place. */
const stepped =
  (kernel: "sgd" | "sgdNesterov"): KernelCase =>
  (bench, n) => {
    const [p, g, v] = [bench.numbers(n), bench.numbers(n), bench.numbers(n)];
    const [parameter, velocity] = [bench.output(n, p.values), bench.output(n, v.values)];
    bench.launchElements(kernel, n, parameter.pointer, g.pointer, velocity.pointer, 0.1, 0.9, 0.01);
    const expected = optimizer[kernel](p.values, g.values, v.values, 0.1, 0.9, 0.01);
    bench.expect(parameter, expected.parameter);
    bench.expect(velocity, expected.velocity);
    return [parameter, velocity];
  };

const pixels = (bench: Bench, length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(256 * bench.next()));

export const elements = {
  relu: map("relu", activation.relu),
  reluBackward: pair("reluBackward", activation.reluBackward),
  tanh: map("tanh", activation.tanh),
  tanhBackward: pair("tanhBackward", activation.tanhBackward),
  sigmoid: map("sigmoid", activation.sigmoid),
  sigmoidBackward: pair("sigmoidBackward", activation.sigmoidBackward),
  silu: map("silu", activation.silu),
  siluBackward: pair("siluBackward", activation.siluBackward),
  gelu: map("gelu", gelu.gelu),
  geluBackward: pair("geluBackward", gelu.geluBackward),
  geluTanh: map("geluTanh", gelu.geluTanh),
  geluTanhBackward: pair("geluTanhBackward", gelu.geluTanhBackward),
  quickGelu: map("quickGelu", gelu.quickGelu),
  quickGeluBackward: pair("quickGeluBackward", gelu.quickGeluBackward),
  negate: map("negate", unary.negate),
  exp: map("exp", unary.exp),
  log: map("log", unary.log, "positive"),
  sqrt: map("sqrt", unary.sqrt, "positive"),
  rsqrt: map("rsqrt", unary.rsqrt, "positive"),
  square: map("square", unary.square),
  abs: map("abs", unary.abs),
  copy: map("copy", unary.copy),
  absBackward: pair("absBackward", unary.absBackward, ["halves", "any"]),
  add: pair("add", elementwise.add),
  subtract: pair("subtract", elementwise.subtract),
  multiply: pair("multiply", elementwise.multiply),
  divide: pair("divide", elementwise.divide, ["any", "positive"]),
  maximum: pair("maximum", elementwise.maximum),
  minimum: pair("minimum", elementwise.minimum),
  maximumBackward(bench, n) {
    const [a, b, dy] = [bench.numbers(n, "halves"), bench.numbers(n, "halves"), bench.numbers(n)];
    const [da, db] = [bench.output(n), bench.output(n)];
    bench.launchElements("maximumBackward", n, a.pointer, b.pointer, dy.pointer, da.pointer, db.pointer);
    const expected = elementwise.maximumBackward(a.values, b.values, dy.values);
    bench.expect(da, expected.da);
    bench.expect(db, expected.db);
    return [da, db];
  },
  scaleShift(bench, n) {
    const x = bench.numbers(n);
    const y = bench.output(n);
    bench.launchElements("scaleShift", n, x.pointer, y.pointer, 1.5, -0.25);
    bench.expect(y, unary.scaleShift(x.values, 1.5, -0.25));
    return [y];
  },
  clamp(bench, n) {
    const x = bench.numbers(n);
    const y = bench.output(n);
    bench.launchElements("clamp", n, x.pointer, y.pointer, -0.5, 1);
    bench.expect(y, unary.clamp(x.values, -0.5, 1), 0);
    return [y];
  },
  clampBackward(bench, n) {
    const [x, dy] = [bench.numbers(n, "halves"), bench.numbers(n)];
    const dx = bench.output(n);
    bench.launchElements("clampBackward", n, x.pointer, dy.pointer, dx.pointer, -0.5, 1);
    bench.expect(dx, unary.clampBackward(x.values, dy.values, -0.5, 1), 0);
    return [dx];
  },
  power: (bench, n) =>
    [3, 0.5, -1.5].map((exponent) => {
      const x = bench.numbers(n, "positive");
      const y = bench.output(n);
      bench.launchElements("power", n, x.pointer, y.pointer, exponent);
      bench.expect(y, unary.power(x.values, exponent));
      return y;
    }),
  fill(bench, n) {
    const y = bench.output(n);
    bench.launchElements("fill", n, y.pointer, 2.5);
    bench.expect(y, unary.fill(n, 2.5), 0);
    return [y];
  },
  accumulate(bench, n) {
    const [x, before] = [bench.numbers(n), bench.numbers(n)];
    const y = bench.output(n, before.values);
    bench.launchElements("accumulate", n, x.pointer, y.pointer);
    bench.expect(y, unary.accumulate(x.values, before.values));
    return [y];
  },
  addScaled(bench, n) {
    const [x, before] = [bench.numbers(n), bench.numbers(n)];
    const y = bench.output(n, before.values);
    bench.launchElements("addScaled", n, x.pointer, y.pointer, -0.75);
    bench.expect(y, unary.addScaled(x.values, before.values, -0.75));
    return [y];
  },
  binaryCrossEntropy: pair("binaryCrossEntropy", binaryCrossEntropy),
  binaryCrossEntropyBackward(bench, n) {
    const [x, targets, dy] = [bench.numbers(n), bench.numbers(n), bench.numbers(n)];
    const dx = bench.output(n);
    bench.launchElements("binaryCrossEntropyBackward", n, x.pointer, targets.pointer, dy.pointer, dx.pointer);
    bench.expect(dx, binaryCrossEntropyBackward(x.values, targets.values, dy.values));
    return [dx];
  },
  dropout(bench, n) {
    const x = bench.numbers(n);
    const y = bench.output(n);
    bench.launchElements("dropout", n, x.pointer, y.pointer, 0.75, ...drawn);
    bench.expect(y, dropout(x.values, 0.75, stream));
    return [y];
  },
  f16ToF32: widened("f16ToF32"),
  bf16ToF32: widened("bf16ToF32"),
  f32ToF16: narrowed("f32ToF16"),
  f32ToBf16: narrowed("f32ToBf16"),
  f64ToF32(bench, n) {
    const x = Float64Array.from({ length: n }, () => (bench.next() - 0.5) * 2 ** (200 * bench.next() - 100));
    const y = bench.output(n);
    bench.launchElements("f64ToF32", n, bench.bytes(x), y.pointer);
    bench.expect(y, convert.f64ToF32(x), 0);
    return [y];
  },
  i64ToI32(bench, n) {
    const x = BigInt64Array.from({ length: n }, () => BigInt(Math.floor((bench.next() - 0.5) * 2 ** 40)));
    const y = bench.output(n);
    bench.launchElements("i64ToI32", n, bench.bytes(x), y.pointer);
    expect([...bench.bits(y)]).toEqual([...convert.i64ToI32(x)]);
    return [];
  },
  i32ToF32(bench, n) {
    const x = bench.ids(n, 2 ** 31);
    const y = bench.output(n);
    bench.launchElements("i32ToF32", n, x.pointer, y.pointer);
    bench.expect(y, convert.i32ToF32(x.values), 0);
    return [y];
  },
  u8ToF32(bench, n) {
    const x = pixels(bench, n);
    const y = bench.output(n);
    bench.launchElements("u8ToF32", n, bench.bytes(x), y.pointer);
    bench.expect(y, convert.u8ToF32(x), 0);
    return [y];
  },
  adamW: (bench, n) => {
    const [p, g, m, v] = [bench.numbers(n), bench.numbers(n), bench.numbers(n), bench.numbers(n, "positive")];
    const [parameter, mean, square] = [bench.output(n, p.values), bench.output(n, m.values), bench.output(n, v.values)];
    const [beta1, beta2, step] = [0.9, 0.999, 3];
    const corrections = [1 - beta1 ** step, 1 - beta2 ** step] as const;
    bench.launchElements(
      "adamW",
      n,
      parameter.pointer,
      g.pointer,
      mean.pointer,
      square.pointer,
      0.1,
      1 - beta1,
      1 - beta2,
      1e-8,
      0.01,
      ...corrections,
    );
    const expected = optimizer.adamW(p.values, g.values, m.values, v.values, {
      rate: 0.1,
      beta1,
      beta2,
      epsilon: 1e-8,
      weightDecay: 0.01,
      step,
    });
    bench.expect(parameter, expected.parameter);
    bench.expect(mean, expected.m);
    bench.expect(square, expected.v);
    return [parameter, mean, square];
  },
  sgd: stepped("sgd"),
  sgdNesterov: stepped("sgdNesterov"),
  randomBits(bench, n) {
    const y = bench.output(n);
    bench.launchElements("randomBits", n, y.pointer, ...drawn);
    expect([...new Uint32Array(bench.bits(y).buffer)]).toEqual([...random.randomBits(n, stream)]);
    return [];
  },
  uniform(bench, n) {
    const y = bench.output(n);
    bench.launchElements("uniform", n, y.pointer, ...drawn);
    bench.expect(y, random.uniform(n, stream), 0);
    return [y];
  },
  normal(bench, n) {
    const y = bench.output(n);
    bench.launchElements("normal", n, y.pointer, 0.5, 2, ...drawn);
    bench.expect(y, random.normal(n, 0.5, 2, stream));
    return [y];
  },
  truncatedNormal(bench, n) {
    const y = bench.output(n);
    bench.launchElements("truncatedNormal", n, y.pointer, 0.5, 2, -1, 3, ...drawn);
    bench.expect(y, random.truncatedNormal(n, 0.5, 2, -1, 3, stream));
    return [y];
  },
  bernoulli(bench, n) {
    const y = bench.output(n);
    bench.launchElements("bernoulli", n, y.pointer, 0.25, 4, ...drawn);
    bench.expect(y, random.bernoulli(n, 0.25, 4, stream), 0);
    return [y];
  },
} satisfies Readonly<Record<string, KernelCase>>;
