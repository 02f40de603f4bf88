import { divide, mean, Module, multiply, reshape, slice, sum, tensor, type Tensor } from "@x/layers";
import type { ModernBertConfig } from "./config.ts";

/** What of a text its classifier reads: the first token, or the mean of all. */
export class ClassifierPooling extends Module {
  readonly mode: ModernBertConfig["classifierPooling"];

  constructor(mode: ModernBertConfig["classifierPooling"]) {
    super();
    this.mode = mode;
  }

  /** tokens (B, N, D), attentionMask (B, N), 1 for a token → (B, D) */
  forward(tokens: Tensor, attentionMask?: Tensor<"int32">): Tensor {
    if (this.mode === "cls") return reshape(slice(tokens, 1, 0, 1), [-1, tokens.shape[2] ?? 0]);
    if (!attentionMask) return mean(tokens, 1);
    const [batch = 0, length = 0] = attentionMask.shape;
    const kept = tensor(Float32Array.from(attentionMask.toTypedArray()), [batch, length, 1]);
    return divide(sum(multiply(tokens, kept), 1), sum(kept, 1)); //         (B, D) / (B, 1)
  }
}
