import { attentionScratch, attentionUnits } from "@x/core-wasm";
import { needsTape } from "../autograd/record.ts";
import { ShapeError } from "../errors.ts";
import { engine } from "../tensor/engine.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";
import { explicitAttention, explicitSelfAttention } from "./explicit-attention.ts";

export interface AttentionOptions {
  readonly numHeads: number;
  /** Multiplies the scores. Default 1 / √headSize. */
  readonly scale?: number;
  /** Added to the scores: (heads, Nq, Nk), Swin's relative position bias. */
  readonly bias?: Tensor;
  /** Added to the scores: (M, 1 or Nq, Nk), sample b taking mask b mod M; −∞ forbids. It gets no gradient. */
  readonly mask?: Tensor;
  /** The last query sees all keys, the ones before it one less each. */
  readonly causal?: boolean;
  /** Self-attention within windows: the tokens of each, (nW, M²); each token stands in one window. */
  readonly windows?: Tensor<"int32">;
}

/** Where query, key or value lie: heads side by side in rows of `stride` elements. */
interface Operand {
  readonly pointer: number;
  readonly stride: number;
}

/**
 * Multi-head self-attention from packed queries, keys and values: qkv (B, N, 3D) → (B, N, D). Vaswani et al. 2017, eq. 1.
 * The (N × N) scores are never held.
 */
export function selfAttention(qkv: Tensor, options: AttentionOptions): Tensor {
  const [batch = 0, length = 0, triple = 0] = qkv.shape;
  const width = triple / 3;
  if (qkv.shape.length !== 3 || !Number.isInteger(width / options.numHeads)) {
    throw new ShapeError("selfAttention", `qkv must be (B, N, 3D) with D a multiple of ${options.numHeads} heads`, { qkv: qkv.shape });
  }
  if (needsTape([qkv, ...(options.bias ? [options.bias] : [])])) return explicitSelfAttention(qkv, options).output;
  const part = (index: number): Operand => ({ pointer: qkv.pointer + 4 * index * width, stride: triple });
  return attend(part(0), part(1), part(2), batch, length, length, width, options);
}

/** Multi-head attention: query (B, Nq, D), key and value (B, Nk, D) → (B, Nq, D). Vaswani et al. 2017, eq. 1. The scores are never held. */
export function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Tensor {
  const [batch = 0, queries = 0, width = 0] = query.shape;
  const keys = key.shape[1] ?? 0;
  const fits = [key, value].every(({ shape }) => shape.length === 3 && shape[0] === batch && shape[1] === keys && shape[2] === width);
  if (query.shape.length !== 3 || !fits || !Number.isInteger(width / options.numHeads)) {
    const rule = `query must be (B, Nq, D), key and value (B, Nk, D), with D a multiple of ${options.numHeads} heads`;
    throw new ShapeError("attention", rule, { query: query.shape, key: key.shape, value: value.shape });
  }
  if (needsTape([query, key, value, ...(options.bias ? [options.bias] : [])])) return explicitAttention(query, key, value, options).output;
  const whole = ({ pointer }: Tensor): Operand => ({ pointer, stride: width });
  return attend(whole(query), whole(key), whole(value), batch, queries, keys, width, options);
}

/** The fused kernel. */
function attend(query: Operand, key: Operand, value: Operand, batch: number, queries: number, keys: number, width: number, options: AttentionOptions): Tensor {
  const { numHeads, bias, mask, causal = false, windows } = options;
  const headSize = width / numHeads;
  const numWindows = windows?.shape[0] ?? 1;
  const [queryCount, keyCount] = windows ? [windows.shape[1] ?? 0, windows.shape[1] ?? 0] : [queries, keys];
  const [maskBatches = 1, maskRows = 1] = mask?.shape ?? [];
  if (bias && bias.shape.join() !== [numHeads, queryCount, keyCount].join()) {
    throw new ShapeError("attention", `bias must be (${numHeads}, ${queryCount}, ${keyCount})`, { bias: bias.shape });
  }
  if (mask && (mask.shape.length !== 3 || (batch * numWindows) % maskBatches !== 0 || ![1, queryCount].includes(maskRows) || mask.shape[2] !== keyCount)) {
    throw new ShapeError("attention", `mask must be (a divisor of ${batch * numWindows}, 1 or ${queryCount}, ${keyCount})`, { mask: mask.shape });
  }
  const y = empty([batch, queries, width]);
  const units = attentionUnits(batch * numWindows, numHeads, queryCount);
  const unitCost = (batch * numWindows * numHeads * queryCount * keyCount * (headSize + 4)) / (2 * Math.max(units, 1));
  // prettier-ignore
  engine().launchWithScratch("attention", units, unitCost, attentionScratch(keyCount, headSize),
    query.pointer, key.pointer, value.pointer, y.pointer, 0, bias?.pointer ?? 0, mask?.pointer ?? 0, windows?.pointer ?? 0,
    numHeads, headSize, queryCount, keyCount, queries, keys, query.stride, key.stride, value.stride, width,
    options.scale ?? headSize ** -0.5, maskBatches, maskRows === 1 ? 0 : keyCount, causal ? keyCount - queryCount : keyCount, numWindows);
  return y;
}
