import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { full } from "../../tensor/create.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkTensors, type TensorOrNumber } from "../../tensor/operands.ts";
import { broadcastShapes, sameShape, type Shape } from "../../tensor/shape.ts";
import { type DType, empty, type Tensor } from "../../tensor/tensor.ts";
import { sixAxes } from "./permute.ts";

/** x repeated along axes where its length is 1 or that it lacks in front, copied. @throws ShapeError when it doesn't broadcast to `shape` */
export function broadcastTo<T extends DType>(x: Tensor<T>, shape: Shape): Tensor<T>;
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkTensors("broadcastTo", { x });
  if (shape.length > 6 || !sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape)) {
    throw new ShapeError("broadcastTo", "x's lengths must equal shape's or be 1, and the axes six at most", { x: x.shape, shape });
  }
  const y = empty(shape, x.dtype);
  const lengths = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
  const strides = lengths.map((length, axis) =>
    length === 1 ? 0 : lengths.slice(axis + 1).reduce((product, inner) => product * inner, 1),
  );
  kernels().permute({ x, y, ...sixAxes(shape, strides) });
  return record("broadcastTo", y, [x], (dy) => [dy]);
}

/** An operand as a kernel takes it that doesn't broadcast: as it is if it has that shape already. */
export function spread(operand: TensorOrNumber, shape: Shape): Tensor {
  if (typeof operand === "number") return full(shape, operand);
  return sameShape(operand.shape, shape) ? operand : broadcastTo(operand, shape);
}
