/** Rows picked by index: an embedding's, or in each sample its own tokens. */
import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { zeros } from "../../tensor/create.ts";
import { checkFloats, checkIds, checkInts } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * Rows of table (rows, D) by id: ids (…) → (…, D). @param paddingId the id whose row gets no gradient, PyTorch's `padding_idx`; default none
 * @throws ShapeError when table isn't a matrix; TensorError when an id has no row
 */
export function embedding(ids: Tensor<"int32">, table: Tensor, paddingId?: number): Tensor {
  checkInts("embedding", { ids });
  checkFloats("embedding", { table });
  if (table.shape.length !== 2) throw new ShapeError("embedding", "table must be (rows, D)", { table: table.shape });
  const [rows = 0, columns = 0] = table.shape;
  checkIds("embedding", ids, rows);
  const y = empty([...ids.shape, columns]);
  kernels().gatherRows({ table, ids, y, rows: ids.size, columns });
  return record("embedding", y, [table], (dy) => [
    () => {
      const dTable = zeros(table.shape);
      kernels().scatterAddRows({ dy, ids, table: dTable, rows: ids.size, columns });
      if (paddingId !== undefined) dTable.data.fill(0, paddingId * columns, (paddingId + 1) * columns);
      return dTable;
    },
  ]);
}

/**
 * Tokens of x (B, N, D) by index, in each sample its own, as MAE shuffles its patches: ids (B, K) → (B, K, D).
 * @throws ShapeError when x or ids have other axes; TensorError when an index is outside 0…N−1
 */
export function gatherTokens(x: Tensor, ids: Tensor<"int32">): Tensor {
  checkFloats("gatherTokens", { x });
  checkInts("gatherTokens", { ids });
  const [batch = 0, tokens = 0, columns = 0] = x.shape;
  const [idBatch, picks = 0] = ids.shape;
  if (x.shape.length !== 3 || ids.shape.length !== 2 || idBatch !== batch) {
    throw new ShapeError("gatherTokens", "x must be (B, N, D) and ids (B, K)", { x: x.shape, ids: ids.shape });
  }
  checkIds("gatherTokens", ids, tokens);
  const y = empty([batch, picks, columns]);
  kernels().gatherTokens({ x, ids, y, batch, tokens, picks, columns });
  return record("gatherTokens", y, [x], (dy) => [
    () => {
      const dx = zeros(x.shape);
      kernels().scatterAddTokens({ dy, ids, x: dx, batch, tokens, picks, columns });
      return dx;
    },
  ]);
}
