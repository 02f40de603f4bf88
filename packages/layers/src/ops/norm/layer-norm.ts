import { checkArguments, fromZero } from "../../options.ts";
import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { lastOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * (x − mean) / √(variance + eps) · weight + bias over the last axis, with the biased variance. Ba, Kiros & Hinton 2016, eq. 4.
 * x (…, D), weight and bias (D) → (…, D). @throws ShapeError when weight or bias has another length
 */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, eps: number): Tensor {
  checkFloats("layerNorm", { x, weight, bias });
  checkArguments("layerNorm", fromZero, { eps });
  const columns = lastOf(x.shape);
  if (![weight, bias].every(({ shape }) => shape.length === 1 && shape[0] === columns)) {
    throw new ShapeError("layerNorm", "weight and bias must be as long as x's last axis", {
      x: x.shape,
      weight: weight.shape,
      bias: bias.shape,
    });
  }
  const rows = columns === 0 ? 0 : x.size / columns;
  const y = empty(x.shape);
  const mean = empty([rows]);
  const rstd = empty([rows]); // 1 / √(variance + eps)
  kernels().layerNorm({ x, weight, bias, y, mean, rstd, rows, columns, epsilon: eps });

  return record("layerNorm", y, [x, weight, bias], (dy) => {
    let together: readonly [dw: Tensor, db: Tensor] | undefined;
    const parameterGradients = () => {
      if (together) return together;
      const [dw, db] = (together = [empty(weight.shape), empty(bias.shape)]);
      kernels().layerNormBackwardWeights({ x, mean, rstd, dy, dw, db, rows, columns });
      return together;
    };
    const dInput = () => {
      const dx = empty(x.shape);
      kernels().layerNormBackward({ x, weight, mean, rstd, dy, dx, rows, columns });
      return dx;
    };
    return [dInput, () => parameterGradients()[0], () => parameterGradients()[1]];
  });
}
