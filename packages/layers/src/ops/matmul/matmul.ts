import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { aFlag, checkOptions, type RulesOf } from "../../options.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { broadcastShapes, sameShape, type Shape, sizeOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { broadcastTo } from "../shape/broadcast.ts";
import { type Matrix, multiplyMatrices } from "./matrix-product.ts";

export interface MatmulOptions {
  /** Multiply with a's last two axes exchanged. Default false. */
  readonly transposeA?: boolean | undefined;
  /** Multiply with b's last two axes exchanged. Default false. */
  readonly transposeB?: boolean | undefined;
}

const rules: RulesOf<MatmulOptions> = { transposeA: aFlag, transposeB: aFlag };

/**
 * Matrix products over the last two axes: a (…, M, K) · b (…, K, N) → (…, M, N); the axes in front broadcast.
 * @throws ShapeError when the inner lengths differ or the axes in front don't broadcast
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  checkOptions("matmul", options, rules);
  const { transposeA = false, transposeB = false } = options;
  checkFloats("matmul", { a, b });
  const [rows, innerA] = lastTwo(a.shape, transposeA);
  const [innerB, columns] = lastTwo(b.shape, transposeB);
  if (a.shape.length < 2 || b.shape.length < 2 || innerA !== innerB) {
    throw new ShapeError("matmul", "a's columns must be as many as b's rows", { a: a.shape, b: b.shape });
  }
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  const left = expanded(a, batch);
  const right = expanded(b, batch);
  const y = empty([...batch, rows, columns]);
  multiplyMatrices({
    batch: sizeOf(batch),
    m: rows,
    k: innerA,
    n: columns,
    a: matrices(left, rows, innerA, transposeA),
    b: matrices(right, innerA, columns, transposeB),
    y,
  });
  return record("matmul", y, [a, b], (dy) => [
    () => (transposeA ? matmul(right, dy, { transposeA: transposeB, transposeB: true }) : matmul(dy, right, { transposeB: !transposeB })),
    () => (transposeB ? matmul(dy, left, { transposeA: true, transposeB: transposeA }) : matmul(left, dy, { transposeA: !transposeA })),
  ]);
}

function lastTwo(shape: Shape, transposed: boolean): [rows: number, columns: number] {
  const [rows = 1, columns = 1] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

function expanded(x: Tensor, batch: Shape): Tensor {
  return sameShape(x.shape.slice(0, -2), batch) ? x : broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
}

/** The batch of matrices in x, its last two axes (rows, columns) after transposing as asked. */
function matrices(x: Tensor, rows: number, columns: number, transposed: boolean): Matrix {
  const [rowStride, columnStride] = transposed ? [1, rows] : [columns, 1];
  return { first: x, rowStride, columnStride, batchStride: rows * columns };
}
