import { aboveZero, checkArguments, wholeFrom } from "../../options.ts";
import type { Interpolation } from "@x/core-wasm";
import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { resolveAxis, sizeOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * `linear` and `cubic` are PyTorch's bilinear and bicubic (a = −0.75, pixel centres at halves, edges repeated); `cubicAntialias` is its bicubic with
 * antialias (a = −0.5, the filter widened where the axis shrinks): timm's for position tables.
 */
export type { Interpolation };

/**
 * x resampled along one axis to `length` points; two calls resample an image, rows then columns.
 * @param scale input points per output point; default its length / `length`
 * @throws ShapeError when the axis has no points to resample
 */
export function interpolate(x: Tensor, axis: number, length: number, mode: Interpolation, scale?: number): Tensor {
  checkFloats("interpolate", { x });
  checkArguments("interpolate", wholeFrom(0), { length });
  if (scale !== undefined) checkArguments("interpolate", aboveZero, { scale });
  const at = resolveAxis("interpolate", axis, x.shape);
  const from = x.shape[at] ?? 1;
  if (from === 0) throw new ShapeError("interpolate", `axis ${at} must have at least one point`, { x: x.shape });
  const outer = sizeOf(x.shape.slice(0, at));
  const inner = sizeOf(x.shape.slice(at + 1));
  const sizes = { outer, axis: from, outputs: length, inner, scale: scale ?? from / length, mode };
  const y = empty(x.shape.with(at, length));
  kernels().interpolate({ x, y, ...sizes });
  return record("interpolate", y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      kernels().interpolateBackward({ dy, dx, ...sizes });
      return dx;
    },
  ]);
}
