import { ShapeError } from "../errors.ts";
import { tensor } from "../tensor/create.ts";
import { checkInts } from "../tensor/operands.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * attentionMask (B, N), 1 for a token and 0 for padding → what attention adds to the scores, (B, 1, N): 0 or −∞ on the keys, for every query alike.
 * A row without any token is left open, so that its softmax is defined. undefined when nothing is padded: then no mask is needed.
 * @throws ShapeError when it isn't a matrix
 */
export function paddingMask(attentionMask: Tensor<"int32">): Tensor | undefined {
  checkInts("paddingMask", { attentionMask });
  const { shape } = attentionMask;
  const [batch = 0, length = 0] = shape;
  if (shape.length !== 2) throw new ShapeError("paddingMask", "attentionMask must be (B, N)", { attentionMask: shape });
  const kept = attentionMask.toTypedArray();
  if (kept.every((token) => token !== 0)) return undefined;
  const rowOf = (sample: number): Int32Array => kept.subarray(sample * length, (sample + 1) * length);
  const isOpen = Array.from({ length: batch }, (_, sample) => rowOf(sample).every((token) => token === 0));
  const terms = Float32Array.from(kept, (token, i) => (token !== 0 || isOpen[Math.floor(i / length)] ? 0 : -Infinity));
  return tensor(terms, [batch, 1, length]);
}
