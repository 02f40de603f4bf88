/** Attention between two sequences, and attention with the keys and values of earlier tokens kept. */
import { expectClose, normal } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  attention,
  backward,
  concat,
  CrossAttention,
  crossAttention,
  init,
  intTensor,
  KeyValueCache,
  liveBytes,
  noGrad,
  paddingMask,
  Rng,
  scope,
  SelfAttention,
  slice,
  type Tensor,
  Trace,
  zeros,
} from "../src/index.ts";

beforeAll(() => init());

const [B, M, N, D, heads] = [2, 3, 5, 12, 3];

describe("crossAttention", () => {
  test.for([
    ["all keys", {}, N],
    ["the first three keys", { keyCount: 3 }, 3],
    ["causal behind earlier keys", { keyCount: 4, causal: true }, 4],
  ] as const)("%s: attention of separate keys and values, and its gradients", ([, options, count]) => {
    scope(() => {
      const [query, keyValue, dy] = [normal([B, M, D], 1), normal([B, N, 2 * D], 2), normal([B, M, D], 3)];
      const [query2, keyValue2] = [normal([B, M, D], 1), normal([B, N, 2 * D], 2)];
      for (const input of [query, keyValue, query2, keyValue2]) input.requiresGrad = true;
      const y = crossAttention(query, keyValue, { numHeads: heads, ...options });
      const there = slice(keyValue2, 1, 0, count);
      const { keyCount: _, ...rest } = { keyCount: 0, ...options };
      const expected = attention(query2, slice(there, 2, 0, D), slice(there, 2, D), { numHeads: heads, ...rest });
      expectClose(y.toTypedArray(), expected.data, "result");
      expectClose(
        noGrad(() => crossAttention(query, keyValue, { numHeads: heads, ...options }).toTypedArray()),
        expected.data,
        "without a tape",
      );
      backward(y, dy);
      backward(expected, dy);
      expectClose(query.grad?.data ?? [], query2.grad?.data ?? [], "d query");
      expectClose(keyValue.grad?.data ?? [], keyValue2.grad?.data ?? [], "d keyValue");
    });
  });

  test("wrong shapes are named", () => {
    scope(() => {
      const query = zeros([B, M, D]);
      expect(() => crossAttention(query, zeros([B, N, D]), { numHeads: heads })).toThrow(
        "crossAttention: query must be (B, Nq, D), keyValue (B, Nk, 2D), with D a multiple of 3 heads, but query is (2, 3, 12), keyValue is (2, 5, 12)",
      );
      expect(() => crossAttention(query, zeros([B, N, 2 * D]), { numHeads: heads, keyCount: 6 })).toThrow(
        "keyCount must be from 0 to 5, but is 6",
      );
    });
  });
});

test("CrossAttention: samples in a row share a memory; traced, the same and the probabilities", () => {
  using layer = new CrossAttention({ hiddenSize: D, numHeads: heads }).initialize(new Rng(4));
  scope(() =>
    noGrad(() => {
      const [memory, x] = [normal([B, N, D], 5), normal([2 * B, M, D], 6)];
      const mask = paddingMask(
        intTensor([
          [1, 1, 1, 1, 0],
          [1, 1, 0, 0, 0],
        ]),
      );
      const together = layer.forward(x, layer.remember(memory), { mask });
      const repeated = concat(
        [0, 0, 1, 1].map((i) => slice(memory, 0, i, i + 1)),
        0,
      );
      const masks =
        mask &&
        concat(
          [0, 0, 1, 1].map((i) => slice(mask, 0, i, i + 1)),
          0,
        );
      expectClose(together.toTypedArray(), layer.forward(x, layer.remember(repeated), { mask: masks }).data, "each with its own");
      const trace = new Trace();
      expectClose(layer.forward(x, layer.remember(repeated), { mask: masks, trace }).data, together.data, "traced");
      expect(trace.attentions.map(({ shape }) => shape)).toEqual([[2 * B, heads, M, N]]);
    }),
  );
  expect(() => new CrossAttention({ hiddenSize: 10, numHeads: 3 })).toThrow(
    "CrossAttention: numHeads must divide hiddenSize, but 3 does not divide 10",
  );
});

describe("KeyValueCache", () => {
  const whole = (layer: SelfAttention, x: Tensor): Float32Array => noGrad(() => layer.forward(x, { causal: true }).toTypedArray());

  test.for([[1], [3], [1, 4, 2]])("tokens by %s: what all tokens at once give, over any growth", (sizes) => {
    using layer = new SelfAttention({ hiddenSize: D, numHeads: heads }).initialize(new Rng(7));
    using x = normal([B, 42, D], 8);
    using cache = new KeyValueCache();
    scope(() =>
      noGrad(() => {
        const parts: Tensor[] = [];
        for (let from = 0, i = 0; from < 42; i++) {
          const to = Math.min(42, from + (sizes[i % sizes.length] ?? 1));
          parts.push(layer.forward(slice(x, 1, from, to), { causal: true, cache }));
          from = to;
        }
        expect(cache.length).toBe(42);
        expectClose(concat(parts, 1).toTypedArray(), whole(layer, x), "all outputs");
      }),
    );
  });

  test("traced: the same, and probabilities over all tokens so far", () => {
    using layer = new SelfAttention({ hiddenSize: D, numHeads: heads }).initialize(new Rng(7));
    using x = normal([B, 4, D], 8);
    using cache = new KeyValueCache();
    scope(() =>
      noGrad(() => {
        const trace = new Trace();
        const context = { causal: true, cache, trace };
        const parts = [0, 1, 2, 3].map((i) => layer.forward(slice(x, 1, i, i + 1), context));
        expectClose(concat(parts, 1).toTypedArray(), whole(layer, x), "all outputs");
        expect(trace.attentions.map(({ shape }) => shape.join())).toEqual(["2,3,1,1", "2,3,1,2", "2,3,1,3", "2,3,1,4"]);
      }),
    );
  });

  test("samples change places, double and leave", () => {
    using layer = new SelfAttention({ hiddenSize: D, numHeads: heads }).initialize(new Rng(9));
    using x = normal([3, 6, D], 10);
    using cache = new KeyValueCache();
    scope(() =>
      noGrad(() => {
        const rows = [2, 0, 0];
        layer.forward(slice(x, 1, 0, 5), { causal: true, cache });
        cache.select([0, 1, 2]);
        cache.select(rows);
        const moved = concat(
          rows.map((row) => slice(x, 0, row, row + 1)),
          0,
        );
        const last = layer.forward(slice(moved, 1, 5), { causal: true, cache });
        expectClose(last.toTypedArray(), slice(layer.forward(moved, { causal: true }), 1, 5).data, "after exchanging");
        cache.select([1]);
        expect(layer.forward(slice(slice(x, 0, 0, 1), 1, 0, 1), { causal: true, cache }).shape).toEqual([1, 1, D]);
      }),
    );
  });

  test("room doubles: n tokens cost O(n) of copying, and all is freed", () => {
    const before = liveBytes();
    const cache = new KeyValueCache();
    const rooms = new Set<number>();
    for (let i = 0; i < 100; i++) scope(() => rooms.add(cache.append(zeros([1, 1, 3 * D])).shape[1] ?? 0));
    expect([...rooms]).toEqual([16, 32, 64, 128]);
    cache.dispose();
    expect(liveBytes()).toBe(before);
  });

  test("another batch and recorded gradients are refused", () => {
    using cache = new KeyValueCache();
    scope(() => {
      cache.append(zeros([2, 1, 3 * D]));
      expect(() => cache.append(zeros([3, 1, 3 * D]))).toThrow("KeyValueCache: batch and width must stay as they are");
      const learned = zeros([2, 1, 3 * D]);
      learned.requiresGrad = true;
      expect(() => cache.append(learned)).toThrow("KeyValueCache: gradients don't go through it; use it within noGrad");
    });
  });
});
