import { Module, type Tensor } from "@x/layers";

/** What makes features of texts. */
export abstract class CLIPTextEncoder extends Module {
  /** Tokens of every text, where padding is seen; undefined where it isn't, and texts may be of any length. */
  get fixedLength(): number | undefined {
    return undefined;
  }

  /**
   * inputIds (B, N) → features (B, projectionDim), not yet of length 1.
   * @param attentionMask (B, N), 1 for a token, 0 for padding. Default: all are tokens
   */
  abstract forward(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">): Tensor;
}
