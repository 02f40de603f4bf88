import { ShapeError } from "../errors.ts";
import { checkInts } from "../tensor/operands.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";

/**
 * attentionMask (B, N), 1 for a token and 0 for padding → what attention adds to the scores, (B, 1, N): 0 or −∞ on the keys, for every query alike.
 * A row without any token is left open, so that its softmax is defined. undefined when nothing is padded: then no mask is needed.
 * @throws ShapeError when it isn't a matrix
 */
export function paddingMask(attentionMask: Tensor<"int32">): Tensor | undefined {
  checkInts("paddingMask", { attentionMask });
  const { shape, data } = attentionMask;
  const [batch = 0, length = 0] = shape;
  if (shape.length !== 2) throw new ShapeError("paddingMask", "attentionMask must be (B, N)", { attentionMask: shape });
  if (data.every((kept) => kept !== 0)) return undefined;
  const mask = empty([batch, 1, length]);
  for (const sample of Array(batch).keys()) {
    const row = data.subarray(sample * length, (sample + 1) * length);
    const open = row.every((kept) => kept === 0);
    mask.data.set(
      Float32Array.from(row, (kept) => (open || kept !== 0 ? 0 : -Infinity)),
      sample * length,
    );
  }
  return mask;
}
