import { record } from "../../autograd/record.ts";
import { ShapeError } from "../../errors.ts";
import { engine } from "../../tensor/engine.ts";
import { lastOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * (x − mean) / √(variance + eps) · weight + bias over the last axis, with the biased variance. Ba, Kiros & Hinton 2016, eq. 4.
 * x (…, D), weight and bias (D) → (…, D). @throws ShapeError when weight or bias has another length
 */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, eps: number): Tensor {
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
  // prettier-ignore
  engine().launch("layerNorm", rows, 4 * columns, x.pointer, weight.pointer, bias.pointer, y.pointer, mean.pointer, rstd.pointer, columns, eps);

  return record("layerNorm", y, [x, weight, bias], (dy) => {
    let together: readonly [dw: Tensor, db: Tensor] | undefined;
    const parameterGradients = () => {
      if (together) return together;
      const [dw, db] = (together = [empty(weight.shape), empty(bias.shape)]);
      // prettier-ignore
      engine().launch("layerNormBackwardWeights", columns, 2 * rows, x.pointer, mean.pointer, rstd.pointer, dy.pointer, dw.pointer, db.pointer, rows, columns);
      return together;
    };
    const dInput = () => {
      const dx = empty(x.shape);
      // prettier-ignore
      engine().launch("layerNormBackward", rows, 8 * columns, x.pointer, weight.pointer, mean.pointer, rstd.pointer, dy.pointer, dx.pointer, columns);
      return dx;
    };
    return [dInput, () => parameterGradients()[0], () => parameterGradients()[1]];
  });
}
