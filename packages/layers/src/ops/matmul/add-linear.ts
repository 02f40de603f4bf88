import { at } from "@x/core-wasm";
import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { lastOf, sizeOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { packedTranspose, rowMajor } from "./linear.ts";
import { multiplyMatrices } from "./matrix-product.ts";

/**
 * y + x · weightᵀ in those columns of y that start at `firstColumn`: y (…, n), x (…, in), weight (out, in), firstColumn + out ≤ n → (…, n).
 * The sum takes y's memory: y must be fresh, and neither its maker's backward nor anybody else may look at it any more.
 * @throws ShapeError when the lengths don't fit
 */
export function addLinear(y: Tensor, x: Tensor, weight: Tensor, firstColumn = 0): Tensor {
  checkFloats("addLinear", { y, x, weight });
  const [out = 0, k = 0] = weight.shape;
  const [m, n] = [sizeOf(y.shape.slice(0, -1)), lastOf(y.shape)];
  if (
    weight.shape.length !== 2 ||
    lastOf(x.shape) !== k ||
    x.shape.slice(0, -1).join() !== y.shape.slice(0, -1).join() ||
    firstColumn + out > n
  ) {
    const rule = `x · weightᵀ must fit into y from column ${firstColumn} on`;
    throw new ShapeError("addLinear", rule, { y: y.shape, x: x.shape, weight: weight.shape });
  }
  const columnsOfY = { y: at(y, firstColumn), yRowStride: n, accumulate: true };
  multiplyMatrices({ m, k, n: out, a: rowMajor(x, k), b: packedTranspose(weight, x), ...columnsOfY });

  return record("addLinear", y.view(y.shape), [y, x, weight], (dy) => {
    const columns = at(dy, firstColumn); // of dy, (m, out)
    return [
      dy,
      () => {
        const dx = empty(x.shape);
        multiplyMatrices({
          m,
          k: out,
          n: k,
          a: { first: columns, rowStride: n, columnStride: 1 },
          b: rowMajor(weight, k),
          y: dx,
        });
        return dx;
      },
      () => {
        const dw = empty(weight.shape);
        multiplyMatrices({ m: out, k: m, n: k, a: { first: columns, rowStride: 1, columnStride: n }, b: rowMajor(x, k), y: dw });
        return dw;
      },
    ];
  });
}
