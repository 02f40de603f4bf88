/** Laws that ops keep for all shapes and numbers: inverses, adjoints, sums of probabilities, causality, and the chain rule over random tapes. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  add, attention, type AttentionOptions, backward, broadcastTo, concat, crossEntropyPerRow, drawNormal, dropout, dropPath, embedding, explicitAttention,
  gatherTokens, init, type Interpolation, intTensor, interpolate, layerNorm, linear, logSoftmax, matmul, mean, multiply, noGrad, ones, patchify,
  type PatchLayout, permute, reshape, Rng, scaleAndShift, scope, selfAttention, slice, softmax, square, subtract, sum, tensor, type Tensor, transpose,
  unpatchify, zeros,
} from "../src/index.ts"; // prettier-ignore
import { checkForLeaks, expectClose } from "./checks.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

/** Checks a law for many values, each time in a scope of its own. */
function forAll<T>(values: fc.Arbitrary<T>, law: (value: T) => void, numRuns = 60): void {
  fc.assert(fc.property(values, (value) => scope(() => law(value))), { numRuns, seed: 1 }); // prettier-ignore
}

/** Numbers from N(0, 1) that a seed fixes. */
function normal(shape: readonly number[], seed: number): Tensor {
  const drawn = zeros(shape);
  drawNormal(drawn, new Rng(seed));
  return drawn;
}

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const length = fc.integer({ min: 1, max: 9 });
const shape = (minimum: number, maximum: number): fc.Arbitrary<number[]> => fc.array(length, { minLength: minimum, maxLength: maximum });
const layout = fc.constantFrom<PatchLayout>("channelsFirst", "channelsLast");

const dot = (a: Tensor, b: Tensor): number => a.data.reduce((total, value, i) => total + value * (b.data[i] ?? Number.NaN), 0);
const norm = (a: Tensor): number => Math.sqrt(dot(a, a));

describe("there and back", () => {
  test("permute by an order and by its inverse", () => {
    const orders = shape(0, 6).chain((lengths) =>
      fc.tuple(fc.constant(lengths), fc.shuffledSubarray([...lengths.keys()], { minLength: lengths.length }), seed),
    );
    forAll(orders, ([lengths, axes, from]) => {
      const x = normal(lengths, from);
      const permuted = permute(x, axes);
      expect(permuted.shape).toEqual(axes.map((axis) => lengths[axis]));
      const inverse = axes.map((_, axis) => axes.indexOf(axis));
      const back = permute(permuted, inverse);
      expect(back.shape).toEqual(lengths);
      expect(back.data).toEqual(x.data);
    });
  });

  test("transposing twice", () => {
    forAll(fc.tuple(shape(2, 5), seed), ([lengths, from]) => {
      const x = normal(lengths, from);
      expect(transpose(transpose(x)).data).toEqual(x.data);
    });
  });

  test("patchify and unpatchify, in both layouts", () => {
    const grids = fc.record({ batch: fc.integer({ min: 1, max: 3 }), channels: fc.integer({ min: 1, max: 4 }), down: length, across: length, size: fc.integer({ min: 1, max: 6 }), layout, seed }); // prettier-ignore
    forAll(grids, ({ batch, channels, down, across, size, layout: order, seed: from }) => {
      const images = normal([batch, channels, down * size, across * size], from);
      const patches = patchify(images, size, order);
      expect(patches.shape).toEqual([batch, down * across, channels * size * size]);
      expect(unpatchify(patches, size, down * size, across * size, order).data).toEqual(images.data);
    });
  });

  test("cutting an axis anywhere and putting the parts together", () => {
    const cuts = shape(1, 4).chain((lengths) =>
      fc
        .nat({ max: lengths.length - 1 })
        .chain((axis) => fc.tuple(fc.constant(lengths), fc.constant(axis), fc.nat({ max: lengths[axis] ?? 0 }), seed)),
    );
    forAll(cuts, ([lengths, axis, at, from]) => {
      const x = normal(lengths, from);
      const together = concat([slice(x, axis, 0, at), slice(x, axis, at)], axis);
      expect(together.shape).toEqual(lengths);
      expect(together.data).toEqual(x.data);
    });
  });

  test("interpolating to the same length, by the modes that pass through their points", () => {
    forAll(fc.tuple(fc.constantFrom<Interpolation>("linear", "cubic", "cubicAntialias"), shape(1, 3), seed), ([mode, lengths, from]) => {
      const x = normal(lengths, from);
      expectClose(interpolate(x, 0, lengths[0] ?? 0, mode).data, x.data, "x", 1e-6);
    });
  });
});

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

describe("probabilities", () => {
  const rows = fc.record({ rows: length, columns: fc.integer({ min: 1, max: 70 }), scale: fc.constantFrom(0.1, 1, 10, 80, 1e4), seed });

  test("softmax: not negative, sums to 1, and does not see a constant", () => {
    forAll(rows, ({ rows: count, columns, scale, seed: from }) => {
      const x = scaleAndShift(normal([count, columns], from), scale, 0);
      const y = softmax(x);
      expect(y.data.every((p) => p >= 0)).toBe(true);
      expectClose(sum(y, 1).data, ones([count]).data, "sums", 2e-6);
      if (scale <= 10) expectClose(softmax(scaleAndShift(x, 1, 3)).data, y.data, "with a constant", 4e-6);
    });
  });

  test("logSoftmax is softmax's logarithm, and crossEntropy picks from it", () => {
    forAll(rows, ({ rows: count, columns, scale, seed: from }) => {
      const x = scaleAndShift(normal([count, columns], from), Math.min(scale, 10), 0);
      const y = logSoftmax(x);
      expectClose(Array.from(y.data, Math.exp), softmax(x).data, "exp of logSoftmax", 4e-6);
      const labels = Array.from({ length: count }, (_, i) => (i * 7) % columns);
      expectClose(crossEntropyPerRow(x, intTensor(labels)).data, labels.map((label, row) => -(y.data[row * columns + label] ?? 0)), "loss", 4e-6); // prettier-ignore
    });
  });

  test("the gradients by logits sum to 0 in every row", () => {
    forAll(rows, ({ rows: count, columns, scale, seed: from }) => {
      const gradientsOf = (f: (x: Tensor) => Tensor): Tensor => {
        const x = scaleAndShift(normal([count, columns], from), scale, 0);
        x.requiresGrad = true;
        const y = f(x);
        backward(y, normal(y.shape, from + 1));
        return x.grad as Tensor;
      };
      const labels = intTensor(Array.from({ length: count }, (_, i) => i % columns));
      for (const f of [softmax, logSoftmax]) expectClose(sum(gradientsOf(f), 1).data, zeros([count]).data, "sums", 1e-5);
      // log Σ eˣ is kept as one float32, so probabilities are exact to |logits| · 2⁻²⁴ only.
      const loss = (x: Tensor): Tensor => crossEntropyPerRow(x, labels, { labelSmoothing: 0.1 });
      expectClose(sum(gradientsOf(loss), 1).data, zeros([count]).data, "sums of the loss's", 1e-5 * Math.max(1, scale));
    });
  });
});

test("layerNorm: rows of mean 0 and variance 1, whatever x's scale and shift", () => {
  forAll(
    fc.tuple(length, fc.integer({ min: 2, max: 70 }), fc.constantFrom(0.01, 1, 300), fc.constantFrom(-50, 0, 7), seed),
    ([rows, columns, scale, shift, from]) => {
      const x = normal([rows, columns], from);
      const [weight, bias] = [ones([columns]), zeros([columns])];
      const y = layerNorm(scaleAndShift(x, scale, scale * shift), weight, bias, 0);
      expectClose(mean(y, 1).data, zeros([rows]).data, "means", 1e-4);
      expectClose(mean(square(y), 1).data, ones([rows]).data, "variances", 1e-4);
      if (columns > 4) expectClose(y.data, layerNorm(x, weight, bias, 0).data, "scaled and shifted", 1e-3);
    },
  );
});

describe("attention", () => {
  const sizes = fc.record({ batch: fc.integer({ min: 1, max: 2 }), heads: fc.integer({ min: 1, max: 3 }), size: fc.integer({ min: 1, max: 20 }), queries: fc.integer({ min: 1, max: 20 }), more: fc.integer({ min: 0, max: 5 }), seed }); // prettier-ignore
  const ways: Readonly<Record<string, (query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions) => Tensor>> = {
    attention,
    explicitAttention: (query, key, value, options) => explicitAttention(query, key, value, options).output,
  };

  test.for(Object.entries(ways))("%s, causal, never looks ahead: to the bit", ([, attend]) => {
    forAll(sizes, ({ batch, heads, size, queries, more, seed: from }) => {
      const keys = queries + more;
      const width = heads * size;
      const at = from % queries; // what comes after this query's last key is changed
      const parts = [
        normal([batch, queries, width], from),
        normal([batch, keys, width], from + 1),
        normal([batch, keys, width], from + 2),
      ] as const;
      const options = { numHeads: heads, causal: true };
      const y = noGrad(() => attend(...parts, options));
      const [query, ...others] = parts;
      const [key, value] = others.map((part) =>
        concat([slice(part, 1, 0, at + more + 1), scaleAndShift(slice(part, 1, at + more + 1), -3, 5)], 1),
      );
      const changed = noGrad(() => attend(query, key as Tensor, value as Tensor, options));
      expect(slice(changed, 1, 0, at + 1).toTypedArray()).toEqual(slice(y, 1, 0, at + 1).toTypedArray());
      if (at < queries - 1) expect(changed.data).not.toEqual(y.data);
    });
  });

  test("selfAttention, causal: the gradient of an output reaches no later token", () => {
    forAll(sizes, ({ batch, heads, size, queries, seed: from }) => {
      const width = heads * size;
      const at = from % queries;
      const qkv = normal([batch, queries, 3 * width], from);
      qkv.requiresGrad = true;
      const dy = concat([normal([batch, at + 1, width], from + 1), zeros([batch, queries - at - 1, width])], 1);
      backward(selfAttention(qkv, { numHeads: heads, causal: true }), dy);
      expect(slice(qkv.grad as Tensor, 1, at + 1).data.every((value) => value === 0)).toBe(true);
    });
  });

  test("the order of keys does not matter, and the order of queries is the order of results", () => {
    forAll(sizes, ({ batch, heads, size, queries, more, seed: from }) => {
      const width = heads * size;
      const keys = queries + more;
      const [query, key, value] = [
        normal([batch, queries, width], from),
        normal([batch, keys, width], from + 1),
        normal([batch, keys, width], from + 2),
      ];
      const backwards = (x: Tensor): Tensor => {
        const count = x.shape[1] ?? 0;
        return gatherTokens(x, intTensor(Array.from({ length: batch * count }, (_, i) => count - 1 - (i % count)), [batch, count])); // prettier-ignore
      };
      const options = { numHeads: heads };
      const y = attention(query, key, value, options);
      expectClose(attention(query, backwards(key), backwards(value), options).data, y.data, "other order of keys", 4e-6);
      expectClose(attention(backwards(query), key, value, options).data, backwards(y).data, "other order of queries", 4e-6);
    });
  });

  test("every output lies between the least and the greatest value", () => {
    forAll(sizes, ({ batch, heads, size, queries, more, seed: from }) => {
      const width = heads * size;
      const keys = queries + more;
      const value = normal([batch, keys, width], from);
      const y = attention(normal([batch, queries, width], from + 1), scaleAndShift(normal([batch, keys, width], from + 2), 20, 0), value, {
        numHeads: heads,
      });
      expect(Math.max(...y.data)).toBeLessThanOrEqual(Math.max(...value.data) + 1e-5);
      expect(Math.min(...y.data)).toBeGreaterThanOrEqual(Math.min(...value.data) - 1e-5);
    });
  });
});

test("(A·B)·C = A·(B·C), and (A·B)ᵀ = Bᵀ·Aᵀ", () => {
  forAll(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), length, length, seed), ([m, k, l, n, from]) => {
    const [a, b, c] = [normal([m, k], from), normal([k, l], from + 1), normal([l, n], from + 2)];
    expectClose(matmul(matmul(a, b), c).data, matmul(a, matmul(b, c)).data, "other order", 4e-6);
    expectClose(transpose(matmul(a, b)).data, matmul(b, a, { transposeA: true, transposeB: true }).data, "transposed", 4e-6);
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
