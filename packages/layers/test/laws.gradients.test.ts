/** Laws of gradients: the adjoint of every linear map, and the chain rule over random tapes. */
import fc from "fast-check";
import { checkForLeaks, expectClose, forAll, length, normal, seed, shape } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  attention,
  backward,
  broadcastTo,
  concat,
  dropout,
  dropPath,
  embedding,
  gatherTokens,
  init,
  intTensor,
  interpolate,
  linear,
  matmul,
  mean,
  multiply,
  patchify,
  permute,
  reshape,
  Rng,
  scaleAndShift,
  slice,
  square,
  subtract,
  sum,
  tensor,
  type Tensor,
  unpatchify,
  zeros,
} from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

const dot = (a: Tensor, b: Tensor): number => a.data.reduce((total, value, i) => total + value * (b.data[i] ?? Number.NaN), 0);
const norm = (a: Tensor): number => Math.sqrt(dot(a, a));

/** A linear map of x, for an input of some shape. */
interface LinearMap {
  readonly of: readonly number[];
  readonly map: (x: Tensor) => Tensor;
}

/** Linear maps of random sizes: a few lengths, and a seed for whatever else is fixed. */
const linearMaps: Readonly<Record<string, (a: number, b: number, c: number, seed: number) => LinearMap>> = {
  permute: (a, b, c) => ({ of: [a, b, c], map: (x) => permute(x, [2, 0, 1]) }),
  reshape: (a, b, c) => ({ of: [a, b, c], map: (x) => reshape(x, [c, -1]) }),
  "slice of rows": (a, b) => ({ of: [a + 2, b], map: (x) => slice(x, 0, 1, a + 1) }),
  "slice of columns": (a, b, c) => ({ of: [a, b + 2, c], map: (x) => slice(x, 1, 1, b + 1) }),
  concat: (a, b, c, from) => ({
    of: [a, b, c],
    map: (x) => concat([x, scaleAndShift(x, 3, 0), multiply(normal([a, 2, c], from), zeros([]))], 1),
  }),
  broadcastTo: (a, b, c) => ({ of: [b, 1], map: (x) => broadcastTo(x, [a, b, c]) }),
  sum: (a, b, c) => ({ of: [a, b, c], map: (x) => sum(x, 1) }),
  mean: (a, b, c) => ({ of: [a, b, c], map: (x) => mean(x, 0) }),
  scaleAndShift: (a, b, c) => ({ of: [a, b], map: (x) => scaleAndShift(x, c - 4.5, 0) }),
  "multiply by a column": (a, b, c, from) => ({ of: [a, b, c], map: (x) => multiply(x, normal([b, 1], from)) }),
  "multiply of a repeated row": (a, b, c, from) => ({ of: [c], map: (x) => multiply(normal([a, b, c], from), x) }),
  patchify: (a, b, c) => ({ of: [1, 3, a * c, b * c], map: (x) => patchify(x, c, a % 2 ? "channelsFirst" : "channelsLast") }),
  unpatchify: (a, b, c) => ({
    of: [2, a * b, c * c],
    map: (x) => unpatchify(x, c, a * c, b * c, a % 2 ? "channelsFirst" : "channelsLast"),
  }),
  "interpolate linear": (a, b, c) => ({ of: [a, b, c], map: (x) => interpolate(x, 1, c, "linear") }),
  "interpolate cubic": (a, b, c) => ({ of: [a, b, c], map: (x) => interpolate(x, 1, c, "cubic") }),
  "interpolate cubicAntialias": (a, b, c) => ({ of: [a, b, c], map: (x) => interpolate(x, 1, c, "cubicAntialias") }),
  "interpolate linear, beyond the end": (a, b, c) => ({ of: [a, b, c], map: (x) => interpolate(x, 1, 2 * b + 3, "linear", 1) }),
  "interpolate cubic, beyond the end": (a, b, c) => ({ of: [a, b, c], map: (x) => interpolate(x, 1, 2 * b + 3, "cubic", 1) }),
  "matmul's left": (a, b, c, from) => ({ of: [2, a, b], map: (x) => matmul(x, normal([b, c], from)) }),
  "matmul's right": (a, b, c, from) => ({ of: [b, c], map: (x) => matmul(normal([3, a, b], from), x) }),
  "matmul's left, transposed": (a, b, c, from) => ({
    of: [b, a],
    map: (x) => matmul(x, normal([c, b], from), { transposeA: true, transposeB: true }),
  }),
  "matmul's right, transposed": (a, b, c, from) => ({
    of: [2, c, b],
    map: (x) => matmul(normal([b, a], from), x, { transposeA: true, transposeB: true }),
  }),
  "linear's x": (a, b, c, from) => ({ of: [a, b], map: (x) => linear(x, normal([c, b], from)) }),
  "linear's weight": (a, b, c, from) => ({ of: [c, b], map: (x) => linear(normal([a, b], from), x) }),
  embedding: (a, b, c) => ({ of: [a, b], map: (x) => embedding(intTensor(Array.from({ length: 2 * c }, (_, i) => (i * i + 1) % a)), x) }),
  gatherTokens: (a, b, c) => ({
    of: [2, a, b],
    map: (x) =>
      gatherTokens(
        x,
        intTensor(
          Array.from({ length: 2 * c }, (_, i) => (i * i + 1) % a),
          [2, c],
        ),
      ),
  }),
  dropout: (a, b, c, from) => ({ of: [a, b, c], map: (x) => dropout(x, 0.4, new Rng(from)) }),
  dropPath: (a, b, c, from) => ({ of: [a, b, c], map: (x) => dropPath(x, 0.4, new Rng(from)) }),
  "attention's value": (a, b, c, from) => ({
    of: [2, b, 2 * c],
    map: (x) => attention(normal([2, a, 2 * c], from), normal([2, b, 2 * c], from + 1), x, { numHeads: 2 }),
  }),
};

describe("⟨A·x, y⟩ = ⟨x, Aᵀ·y⟩: the backward pass of a linear map is its transpose", () => {
  test.for(Object.entries(linearMaps))("%s", ([, make]) => {
    forAll(fc.tuple(length, length, length, seed), ([a, b, c, from]) => {
      const { of, map } = make(a, b, c, from);
      const x = normal(of, from + 10);
      x.requiresGrad = true;
      const image = map(x);
      const y = normal(image.shape, from + 11);
      backward(image, y);
      const transposed = x.grad as Tensor;
      expect(transposed.shape).toEqual(of);
      const size = norm(image) * norm(y) + norm(x) * norm(transposed);
      expect(Math.abs(dot(image, y) - dot(x, transposed))).toBeLessThanOrEqual(2e-6 * Math.max(size, 1e-3));
    });
  });
});

/** What a random tape does: each step uses two of the values so far. */
type Step = readonly [op: "add" | "subtract" | "multiply" | "mix", first: number, second: number];

const shapes = [[], [3], [2, 1], [2, 3]] as const;

/** Runs the steps on tensors or on plain numbers; gives the last value. */
function follow<T>(leaves: readonly T[], steps: readonly Step[], ops: Readonly<Record<Step[0], (a: T, b: T) => T>>): T {
  const values = [...leaves];
  for (const [op, first, second] of steps) values.push(ops[op](values[first % values.length] as T, values[second % values.length] as T));
  return values.at(-1) as T;
}

const onTensors = { add, subtract, multiply, mix: (a: Tensor, b: Tensor): Tensor => add(scaleAndShift(a, 0.5, 1), square(b)) };

/** A number with its slope along one direction. */
interface Dual {
  readonly value: number;
  readonly slope: number;
}

const onDuals: Readonly<Record<Step[0], (a: Dual, b: Dual) => Dual>> = {
  add: (a, b) => ({ value: a.value + b.value, slope: a.slope + b.slope }),
  subtract: (a, b) => ({ value: a.value - b.value, slope: a.slope - b.slope }),
  multiply: (a, b) => ({ value: a.value * b.value, slope: a.slope * b.value + a.value * b.slope }),
  mix: (a, b) => ({ value: 0.5 * a.value + 1 + b.value ** 2, slope: 0.5 * a.slope + 2 * b.value * b.slope }),
};

test("random tapes: reverse differentiation is forward differentiation, whatever is used twice, broadcast, or not at all", () => {
  const step = fc.tuple(fc.constantFrom<Step[0]>("add", "subtract", "multiply", "mix"), fc.nat({ max: 20 }), fc.nat({ max: 20 }));
  forAll(fc.tuple(fc.array(step, { minLength: 1, maxLength: 6 }), seed), ([steps, from]) => {
    const leaves = shapes.map((of, i) => {
      const leaf = scaleAndShift(normal(of, from + i), 0.4, 0);
      leaf.requiresGrad = true;
      return leaf;
    });
    // Everything broadcasts to (2, 3), so element (i, j) of the result is a function of one element of each leaf.
    const place = (leaf: Tensor, i: number, j: number): number => (leaf.shape.length === 0 ? 0 : leaf.shape.length === 1 ? j : leaf.shape[1] === 1 ? i : 3 * i + j);
    const y = broadcastTo(follow(leaves, steps, onTensors), [2, 3]);
    const dy = normal([2, 3], from + 9);
    const expected = leaves.map((leaf) => new Float64Array(leaf.size));
    for (const [i, j] of [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]] as const) {
      for (const [moved, gradients] of expected.entries()) {
        const duals = leaves.map((leaf, which) => ({ value: leaf.data[place(leaf, i, j)] ?? 0, slope: which === moved ? 1 : 0 }));
        const { value, slope } = follow<Dual>(duals, steps, onDuals);
        if (moved === 0) expect(Math.abs((y.data[3 * i + j] ?? Number.NaN) - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
        const to = place(leaves[moved] as Tensor, i, j);
        gradients[to] = (gradients[to] ?? 0) + slope * (dy.data[3 * i + j] ?? 0);
      }
    } // prettier-ignore
    backward(y, dy);
    for (const [i, gradients] of expected.entries()) expectClose(leaves[i]?.grad?.data ?? new Float32Array(gradients.length), gradients, `gradient of leaf ${i}`, 1e-4);
  }, 200); // prettier-ignore
});

test("adding up two losses is adding up their gradients", () => {
  forAll(fc.tuple(shape(1, 3), seed), ([lengths, from]) => {
    const gradientOf = (...losses: ((x: Tensor) => Tensor)[]): Float32Array => {
      const x = normal(lengths, from);
      x.requiresGrad = true;
      const [first, ...others] = losses.map((loss) => loss(x));
      backward(others.reduce(add, first as Tensor));
      return x.grad?.toTypedArray() ?? new Float32Array();
    };
    const [a, b] = [(x: Tensor) => sum(square(x)), (x: Tensor) => mean(multiply(x, tensor(0.7)))];
    const [both, one, other] = [gradientOf(a, b), gradientOf(a), gradientOf(b)];
    expectClose(both, one.map((value, i) => value + (other[i] ?? Number.NaN)), "sum", 1e-6); // prettier-ignore
  });
});
