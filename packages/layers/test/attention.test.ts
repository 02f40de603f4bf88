/** Attention in every combination of its options, fused and written out, against the float64 reference: results and all gradients. */
import { checkForLeaks, expectClose, normal } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { attention as reference, attentionBackward, type AttentionShape } from "@x/core-wasm/reference/attention";
import {
  attention,
  type AttentionOptions,
  backward,
  dropout,
  explicitAttention,
  explicitSelfAttention,
  init,
  noGrad,
  Rng,
  scope,
  tensor,
  type Tensor,
  zeros,
} from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

/** The same with −∞ in place of the lower third. Whole rows may be forbidden. */
function maskOf(shape: readonly number[], seed: number): Tensor {
  const mask = normal(shape, seed);
  return tensor(mask.data.map((value) => (value < -0.4 ? -Infinity : value)), shape); // prettier-ignore
}

const BATCH = 4;
const HEADS = 2;

interface Combination {
  readonly headSize: number;
  readonly queries: number;
  readonly keys: number;
  readonly bias: boolean;
  /** Samples and rows that the mask has, if there is one. */
  readonly mask: readonly [samples: number, rows: "one" | "every"] | undefined;
  readonly causal: boolean;
  readonly scale: number | undefined;
}

const combinations: Combination[] = [];
for (const headSize of [1, 3, 8, 16, 19]) {
  for (const [queries, keys] of [[5, 5], [3, 7], [7, 3], [1, 9]] as const) {
    for (const bias of [false, true]) {
      for (const mask of [undefined, [1, "one"], [2, "every"], [4, "one"], [4, "every"]] as const) {
        for (const causal of [false, true]) combinations.push({ headSize, queries, keys, bias, mask, causal, scale: headSize === 3 ? 0.7 : undefined });
      }
    }
  }
} // prettier-ignore

const title = ({ headSize, queries, keys, bias, mask, causal, scale }: Combination): string =>
  [
    `head size ${headSize}, ${queries} queries, ${keys} keys`,
    ...(bias ? ["bias"] : []),
    ...(mask ? [`${mask[0]} masks of ${mask[1]} row`] : []),
    ...(causal ? ["causal"] : []),
    ...(scale ? ["scale"] : []),
  ].join(", ");

const ways: Readonly<Record<string, (query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions) => Tensor>> = {
  attention,
  explicitAttention: (query, key, value, options) => explicitAttention(query, key, value, options).output,
};

describe.for(Object.entries(ways))("%s", ([, attend]) => {
  test.for(combinations.map((combination) => [title(combination), combination] as const))("%s", ([, combination]) => {
    const { headSize, queries, keys, causal, scale } = combination;
    scope(() => {
      const width = HEADS * headSize;
      const parts = [normal([BATCH, queries, width], 1), normal([BATCH, keys, width], 2), normal([BATCH, keys, width], 3)] as const;
      const bias = combination.bias ? normal([HEADS, queries, keys], 4) : undefined;
      const mask = combination.mask ? maskOf([combination.mask[0], combination.mask[1] === "one" ? 1 : queries, keys], 5) : undefined;
      const options = { numHeads: HEADS, causal, ...(scale && { scale }), ...(bias && { bias }), ...(mask && { mask }) };
      const shape: AttentionShape = {
        batch: BATCH,
        heads: HEADS,
        headSize,
        queryCount: queries,
        keyCount: keys,
        scale: scale ?? headSize ** -0.5,
        lookahead: causal ? keys - queries : keys,
        ...(bias && { bias: bias.toTypedArray() }),
        ...(mask && { mask: mask.toTypedArray(), maskBatches: mask.shape[0] ?? 1, maskRows: mask.shape[1] ?? 1 }),
      };
      const [query, key, value] = parts.map((part) => Float64Array.from(part.data)) as [Float64Array, Float64Array, Float64Array];
      const expected = reference(query, key, value, shape);
      expectClose(noGrad(() => attend(...parts, options)).data, expected.y, "y without a tape");

      for (const input of [...parts, ...(bias ? [bias] : [])]) input.requiresGrad = true;
      const y = attend(...parts, options);
      expectClose(y.toTypedArray(), expected.y, "y");
      const dy = normal(y.shape, 6);
      backward(y, dy);
      const slopes = attentionBackward(Float64Array.from(dy.data), query, key, value, shape);
      const made = parts.map(({ grad }) => grad?.data ?? new Float32Array());
      for (const [i, name] of (["dq", "dk", "dv"] as const).entries()) expectClose(made[i] ?? [], slopes[name], name);
      if (bias) {
        const size = HEADS * queries * keys;
        const dBias = Float64Array.from({ length: size }, (_, i) =>
          [0, 1, 2, 3].reduce((sum, b) => sum + (slopes.dScores[b * size + i] ?? 0), 0),
        );
        expectClose(bias.grad?.data ?? [], dBias, "gradient of bias");
      }
    });
  });
});

test("probabilities are shown as they are before dropout, and the output is made of what dropout leaves", () => {
  scope(() => {
    const qkv = normal([2, 5, 24], 1);
    const plain = explicitSelfAttention(qkv, { numHeads: 2 });
    const dropped = explicitSelfAttention(qkv, { numHeads: 2 }, { forward: (probabilities) => dropout(probabilities, 0.5, new Rng(2)) });
    expect(dropped.probabilities.toTypedArray()).toEqual(plain.probabilities.data);
    expect(dropped.output.toTypedArray()).not.toEqual(plain.output.data);
    const nothing = explicitSelfAttention(qkv, { numHeads: 2 }, { forward: (probabilities) => zeros(probabilities.shape) });
    expect(nothing.output.data.every((value) => value === 0)).toBe(true);
  });
});
