import { record } from "../../autograd/record.ts";
import { ShapeError } from "../../errors.ts";
import { engine } from "../../tensor/engine.ts";
import { broadcastShapes, sameShape, type Shape } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/** x repeated along axes where its length is 1 or that it lacks in front, copied. @throws ShapeError when it doesn't broadcast to `shape` */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (shape.length > 6 || !sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape)) {
    throw new ShapeError("broadcastTo", "x's lengths must equal shape's or be 1, and the axes six at most", { x: x.shape, shape });
  }
  const y = empty(shape);
  const padded = [...new Array<number>(6 - shape.length).fill(1), ...shape] as Six;
  const lengths = [...new Array<number>(6 - x.shape.length).fill(1), ...x.shape];
  const strides = lengths.map((length, axis) =>
    length === 1 ? 0 : lengths.slice(axis + 1).reduce((product, inner) => product * inner, 1),
  );
  const [, n1, n2, n3, n4, n5] = padded;
  const [s0, s1, s2, s3, s4, s5] = strides as Six;
  engine().launch("permute", n5 === 0 ? 0 : y.size / n5, n5, x.pointer, y.pointer, n1, n2, n3, n4, n5, s0, s1, s2, s3, s4, s5);
  return record("broadcastTo", y, [x], (dy) => [dy]);
}

type Six = [number, number, number, number, number, number];
