import { reshape, slice, type Tensor } from "@x/layers";

/** Two logits for each token (B, N, 2) → whether the answer begins there, ends there, both (B, N). Devlin et al. 2019, §4.2. */
export function answerLogits(logits: Tensor): { readonly startLogits: Tensor; readonly endLogits: Tensor } {
  const [startLogits, endLogits] = [0, 1].map((i) => reshape(slice(logits, 2, i, i + 1), logits.shape.slice(0, 2))) as [Tensor, Tensor];
  return { startLogits, endLogits };
}
