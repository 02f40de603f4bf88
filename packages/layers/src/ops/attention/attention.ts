import { at as shifted, type Operand } from "@x/core-wasm";
import { needsTape, record } from "../../autograd/tape.ts";
import { aFlag, aNumber, aTensor, checkOptions, needed, type RulesOf, wholeFrom } from "../../options.ts";
import { zeros } from "../../tensor/create.ts";
import { kernels } from "../../tensor/engine.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { checkPacked, checkPackedKeyValue, checkQueryKeyValue, checkTerms } from "./attention-shapes.ts";
import { sum } from "../reduce/reduce.ts";

export interface AttentionOptions {
  readonly numHeads: number;
  /** Multiplies the scores. Default 1 / √headSize. */
  readonly scale?: number | undefined;
  /** Added to the scores: (heads, Nq, Nk), Swin's relative position bias. */
  readonly bias?: Tensor | undefined;
  /** Added to the scores: (M, 1 or Nq, Nk), sample b taking mask b mod M; −∞ forbids. It gets no gradient. */
  readonly mask?: Tensor | undefined;
  /** The last query sees all keys, the ones before it one less each. */
  readonly causal?: boolean | undefined;
  /** Self-attention within windows: the tokens of each, (nW, M²); each token stands in one window. */
  readonly windows?: Tensor<"int32"> | undefined;
}

/** A key's count, too, where keys have room for more. */
type CrossAttentionOptions = AttentionOptions & { readonly keyCount?: number | undefined };

export const attentionRules: RulesOf<AttentionOptions> = {
  numHeads: needed(wholeFrom(1)),
  scale: aNumber,
  bias: aTensor,
  mask: aTensor,
  causal: aFlag,
  windows: aTensor,
};

export const crossAttentionRules: RulesOf<CrossAttentionOptions> = { ...attentionRules, keyCount: wholeFrom(0) };

/** A part of a tensor in which query, key or value lie: heads side by side in rows of `stride` elements, from element `offset` on. */
interface Part {
  readonly tensor: Tensor;
  readonly offset: number;
  readonly stride: number;
}

const at = ({ tensor, offset }: Part): Operand<"float32"> => shifted(tensor, offset);

/**
 * Multi-head self-attention from packed queries, keys and values: qkv (B, N, 3D) → (B, N, D). Vaswani et al. 2017, eq. 1.
 * The (N × N) scores are never held.
 */
export function selfAttention(qkv: Tensor, options: AttentionOptions): Tensor {
  checkOptions("selfAttention", options, attentionRules);
  checkPacked("selfAttention", qkv, options.numHeads);
  const [batch = 0, length = 0, triple = 0] = qkv.shape;
  const width = triple / 3;
  const parts = (tensor: Tensor): Parts => {
    const [query, key, value] = [0, width, 2 * width].map((offset) => ({ tensor, offset, stride: triple }));
    return { query, key, value } as Parts;
  };
  const call = new AttentionCall(parts(qkv), batch, length, length, width, options);
  return call.record("selfAttention", [qkv], () => {
    const dqkv = empty(qkv.shape);
    return { gradients: [dqkv], parts: parts(dqkv) };
  });
}

/** Multi-head attention: query (B, Nq, D), key and value (B, Nk, D) → (B, Nq, D). Vaswani et al. 2017, eq. 1. The scores are never held. */
export function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Tensor {
  checkOptions("attention", options, attentionRules);
  checkQueryKeyValue("attention", query, key, value, options.numHeads);
  const [batch = 0, queries = 0, width = 0] = query.shape;
  const keys = key.shape[1] ?? 0;
  const whole = (tensor: Tensor): Part => ({ tensor, offset: 0, stride: width });
  const call = new AttentionCall({ query: whole(query), key: whole(key), value: whole(value) }, batch, queries, keys, width, options);
  return call.record("attention", [query, key, value], () => {
    const [dq, dk, dv] = [empty(query.shape), empty(key.shape), empty(value.shape)];
    return { gradients: [dq, dk, dv], parts: { query: whole(dq), key: whole(dk), value: whole(dv) } };
  });
}

/**
 * Multi-head attention to packed keys and values: query (B, Nq, D), keyValue (B, Nk, 2D), keys before values → (B, Nq, D). Vaswani et al. 2017, eq. 1.
 * @param options.keyCount how many of the Nk tokens are there, the rest being room for more; default all
 */
export function crossAttention(query: Tensor, keyValue: Tensor, options: CrossAttentionOptions): Tensor {
  checkOptions("crossAttention", options, crossAttentionRules);
  checkPackedKeyValue("crossAttention", query, keyValue, options.numHeads, options.keyCount);
  const [batch = 0, queries = 0, width = 0] = query.shape;
  const room = keyValue.shape[1] ?? 0;
  const parts = (q: Tensor, kv: Tensor): Parts => ({
    query: { tensor: q, offset: 0, stride: width },
    key: { tensor: kv, offset: 0, stride: 2 * width },
    value: { tensor: kv, offset: width, stride: 2 * width },
  });
  const call = new AttentionCall(parts(query, keyValue), batch, queries, room, width, options, options.keyCount);
  return call.record("crossAttention", [query, keyValue], () => {
    const [dq, dkv] = [empty(query.shape), zeros(keyValue.shape)];
    return { gradients: [dq, dkv], parts: parts(dq, dkv) };
  });
}

interface Parts {
  readonly query: Part;
  readonly key: Part;
  readonly value: Part;
}

/** One use of the fused kernels: checked shapes, and the arguments that forward and backward share. */
class AttentionCall {
  readonly #parts: Parts;
  readonly #options: AttentionOptions;
  readonly #batch: number;
  readonly #queries: number;
  readonly #keys: number;
  readonly #keyCount: number;
  readonly #width: number;

  /** @param keyCount how many of a sample's `keys` rows are looked at; default all */
  constructor(
    parts: Parts,
    batch: number,
    queries: number,
    keys: number,
    width: number,
    options: AttentionOptions,
    keyCount: number = keys,
  ) {
    this.#parts = parts;
    this.#options = options;
    this.#batch = batch;
    this.#queries = queries;
    this.#keys = keys;
    this.#keyCount = keyCount;
    this.#width = width;
    checkTerms(options, [this.#items, options.numHeads, ...this.#counts]);
  }

  /** Runs forward and puts it on the tape. `gradientsOf` makes the tensors for the gradients of `inputs`, and tells where query, key and value lie in them. */
  record(op: string, inputs: readonly Tensor[], gradientsOf: () => { gradients: readonly Tensor[]; parts: Parts }): Tensor {
    const { numHeads, bias } = this.#options;
    const taped = bias ? [...inputs, bias] : inputs;
    const [queryCount, keyCount] = this.#counts;
    const y = empty([this.#batch, this.#queries, this.#width]);
    const logSumExp = needsTape(taped) ? empty([this.#items, numHeads, queryCount]) : undefined;
    const { query, key, value } = this.#parts;
    kernels().attention({ query: at(query), key: at(key), value: at(value), y, logSumExp, ...this.#terms, ...this.#geometry });
    return record(op, y, taped, (dy) => {
      const { gradients, parts } = gradientsOf();
      const dScores = bias?.requiresGrad ? empty([this.#items, numHeads, queryCount, keyCount]) : undefined;
      kernels().attentionBackward({
        dy,
        query: at(query),
        key: at(key),
        value: at(value),
        y,
        logSumExp: logSumExp as Tensor,
        dq: at(parts.query),
        dk: at(parts.key),
        dv: at(parts.value),
        dScores,
        ...this.#terms,
        ...this.#geometry,
      });
      return [...gradients, ...(dScores ? [() => sum(dScores, 0)] : [])];
    });
  }

  get #headSize(): number {
    return this.#width / this.#options.numHeads;
  }

  /** Batch items, windows counted one by one. */
  get #items(): number {
    return this.#batch * (this.#options.windows?.shape[0] ?? 1);
  }

  /** Queries and keys of an item. */
  get #counts(): readonly [queries: number, keys: number] {
    const inWindow = this.#options.windows?.shape[1];
    return inWindow === undefined ? [this.#queries, this.#keyCount] : [inWindow, inWindow];
  }

  /** What is added to the scores, and which tokens stand in which window. */
  get #terms(): Pick<AttentionOptions, "bias" | "mask"> & { readonly table: Tensor<"int32"> | undefined } {
    const { bias, mask, windows } = this.#options;
    return { bias, mask, table: windows };
  }

  /** The sizes and strides that both kernels take. */
  get #geometry() {
    const { numHeads, scale = this.#headSize ** -0.5, mask, causal = false, windows } = this.#options;
    const [queryCount, keyCount] = this.#counts;
    const { query, key, value } = this.#parts;
    const [masks = 1, rows = 1] = mask?.shape ?? [];
    return {
      batch: this.#items,
      heads: numHeads,
      headSize: this.#headSize,
      queryCount,
      keyCount,
      queryRows: this.#queries,
      keyRows: this.#keys,
      queryStride: query.stride,
      keyStride: key.stride,
      valueStride: value.stride,
      yStride: this.#width,
      scale,
      maskBatches: masks,
      maskRowStride: rows === 1 ? 0 : keyCount,
      lookahead: causal ? keyCount - queryCount : keyCount,
      windows: windows?.shape[0] ?? 1,
    };
  }
}
