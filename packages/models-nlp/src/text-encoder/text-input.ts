import type { Tensor } from "@x/layers";

/** What an encoder reads of B texts of N tokens; a `TextBatch` is one. */
export interface TextInput {
  /** (B, N) */
  readonly inputIds: Tensor<"int32">;
  /** (B, N): 1 for a token, 0 for padding. Default: no padding. */
  readonly attentionMask?: Tensor<"int32"> | undefined;
  /** (B, N): 0 for the first text of a pair, 1 for the second. Default: all 0. */
  readonly tokenTypeIds?: Tensor<"int32"> | undefined;
}
