/** Laws that ops keep for all shapes and numbers: inverses, sums of probabilities, causality. */
import fc from "fast-check";
import { checkForLeaks, expectClose, forAll, length, normal, seed, shape } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  attention,
  type AttentionOptions,
  backward,
  concat,
  crossEntropyPerRow,
  explicitAttention,
  gatherTokens,
  init,
  type Interpolation,
  intTensor,
  interpolate,
  layerNorm,
  logSoftmax,
  matmul,
  mean,
  noGrad,
  ones,
  patchify,
  type PatchLayout,
  permute,
  scaleAndShift,
  selfAttention,
  slice,
  softmax,
  square,
  sum,
  type Tensor,
  transpose,
  unpatchify,
  zeros,
} from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

const layout = fc.constantFrom<PatchLayout>("channelsFirst", "channelsLast");

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
      expect(back.toTypedArray()).toEqual(x.toTypedArray());
    });
  });

  test("transposing twice", () => {
    forAll(fc.tuple(shape(2, 5), seed), ([lengths, from]) => {
      const x = normal(lengths, from);
      expect(transpose(transpose(x)).toTypedArray()).toEqual(x.toTypedArray());
    });
  });

  test("patchify and unpatchify, in both layouts", () => {
    const grids = fc.record({ batch: fc.integer({ min: 1, max: 3 }), channels: fc.integer({ min: 1, max: 4 }), down: length, across: length, size: fc.integer({ min: 1, max: 6 }), layout, seed }); // prettier-ignore
    forAll(grids, ({ batch, channels, down, across, size, layout: order, seed: from }) => {
      const images = normal([batch, channels, down * size, across * size], from);
      const patches = patchify(images, size, order);
      expect(patches.shape).toEqual([batch, down * across, channels * size * size]);
      expect(unpatchify(patches, size, down * size, across * size, order).toTypedArray()).toEqual(images.toTypedArray());
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
      expect(together.toTypedArray()).toEqual(x.toTypedArray());
    });
  });

  test("interpolating to the same length, by the modes that pass through their points", () => {
    forAll(fc.tuple(fc.constantFrom<Interpolation>("linear", "cubic", "cubicAntialias"), shape(1, 3), seed), ([mode, lengths, from]) => {
      const x = normal(lengths, from);
      expectClose(interpolate(x, 0, lengths[0] ?? 0, mode).toTypedArray(), x.toTypedArray(), "x", 1e-6);
    });
  });
});

test("interpolating at a scale of its own: points beyond the end repeat the end", () => {
  forAll(fc.tuple(fc.constantFrom<Interpolation>("linear", "cubic"), length, length, seed), ([mode, from, columns, number]) => {
    const x = normal([from, columns], number);
    const last = slice(x, 0, -1);
    const expected = concat([x, ...Array.from({ length: from + 3 }, () => last)], 0);
    expectClose(interpolate(x, 0, 2 * from + 3, mode, 1).toTypedArray(), expected.toTypedArray(), "x and its end", 1e-6);
  });
});

describe("probabilities", () => {
  const rows = fc.record({ rows: length, columns: fc.integer({ min: 1, max: 70 }), scale: fc.constantFrom(0.1, 1, 10, 80, 1e4), seed });

  test("softmax: not negative, sums to 1, and does not see a constant", () => {
    forAll(rows, ({ rows: count, columns, scale, seed: from }) => {
      const x = scaleAndShift(normal([count, columns], from), scale, 0);
      const y = softmax(x);
      expect(y.toTypedArray().every((p) => p >= 0)).toBe(true);
      expectClose(sum(y, 1).toTypedArray(), ones([count]).toTypedArray(), "sums", 2e-6);
      if (scale <= 10) expectClose(softmax(scaleAndShift(x, 1, 3)).toTypedArray(), y.toTypedArray(), "with a constant", 4e-6);
    });
  });

  test("logSoftmax is softmax's logarithm, and crossEntropy picks from it", () => {
    forAll(rows, ({ rows: count, columns, scale, seed: from }) => {
      const x = scaleAndShift(normal([count, columns], from), Math.min(scale, 10), 0);
      const y = logSoftmax(x);
      expectClose(Array.from(y.toTypedArray(), Math.exp), softmax(x).toTypedArray(), "exp of logSoftmax", 4e-6);
      const labels = Array.from({ length: count }, (_, i) => (i * 7) % columns);
      expectClose(crossEntropyPerRow(x, intTensor(labels)).toTypedArray(), labels.map((label, row) => -(y.data[row * columns + label] ?? 0)), "loss", 4e-6); // prettier-ignore
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
      for (const f of [softmax, logSoftmax])
        expectClose(sum(gradientsOf(f), 1).toTypedArray(), zeros([count]).toTypedArray(), "sums", 1e-5);
      // log Σ eˣ is kept as one float32, so probabilities are exact to |logits| · 2⁻²⁴ only.
      const loss = (x: Tensor): Tensor => crossEntropyPerRow(x, labels, { labelSmoothing: 0.1 });
      expectClose(sum(gradientsOf(loss), 1).toTypedArray(), zeros([count]).toTypedArray(), "sums of the loss's", 1e-5 * Math.max(1, scale));
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
      expectClose(mean(y, 1).toTypedArray(), zeros([rows]).toTypedArray(), "means", 1e-4);
      expectClose(mean(square(y), 1).toTypedArray(), ones([rows]).toTypedArray(), "variances", 1e-4);
      if (columns > 4) expectClose(y.toTypedArray(), layerNorm(x, weight, bias, 0).toTypedArray(), "scaled and shifted", 1e-3);
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
      if (at < queries - 1) expect(changed.toTypedArray()).not.toEqual(y.toTypedArray());
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
      expect(
        slice(qkv.grad as Tensor, 1, at + 1)
          .toTypedArray()
          .every((value) => value === 0),
      ).toBe(true);
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
      expectClose(
        attention(query, backwards(key), backwards(value), options).toTypedArray(),
        y.toTypedArray(),
        "other order of keys",
        4e-6,
      );
      expectClose(
        attention(backwards(query), key, value, options).toTypedArray(),
        backwards(y).toTypedArray(),
        "other order of queries",
        4e-6,
      );
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
      expect(Math.max(...y.toTypedArray())).toBeLessThanOrEqual(Math.max(...value.toTypedArray()) + 1e-5);
      expect(Math.min(...y.toTypedArray())).toBeGreaterThanOrEqual(Math.min(...value.toTypedArray()) - 1e-5);
    });
  });
});

test("(A·B)·C = A·(B·C), and (A·B)ᵀ = Bᵀ·Aᵀ", () => {
  forAll(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), length, length, seed), ([m, k, l, n, from]) => {
    const [a, b, c] = [normal([m, k], from), normal([k, l], from + 1), normal([l, n], from + 2)];
    expectClose(matmul(matmul(a, b), c).toTypedArray(), matmul(a, matmul(b, c)).toTypedArray(), "other order", 4e-6);
    expectClose(
      transpose(matmul(a, b)).toTypedArray(),
      matmul(b, a, { transposeA: true, transposeB: true }).toTypedArray(),
      "transposed",
      4e-6,
    );
  });
});
