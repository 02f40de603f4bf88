import { type Activation, at, type Operand, packedPanelsLength } from "@x/core-wasm";
import { kernels } from "../../tensor/engine.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/** A matrix anywhere in memory: element (i, j) of matrix number b lies b · batchStride + i · rowStride + j · columnStride elements after the first. */
export interface Matrix {
  readonly first: Operand<"float32">;
  readonly rowStride: number;
  readonly columnStride: number;
  /** Default 0: one matrix for all. */
  readonly batchStride?: number | undefined;
}

/** A left-hand matrix that is packed already. */
export interface Rows {
  /** Its bands of rows: matmul-pack.ts among the kernels. */
  readonly rows: Operand<"float32">;
  /** m · k if there is a matrix for each of the batch, one after the other. Default 0: one matrix for all. */
  readonly batchStride?: number | undefined;
}

/** A right-hand matrix that is packed already. */
export interface Panels {
  /** Its column panels: matmul-pack.ts among the kernels. */
  readonly panels: Operand<"float32">;
  /** From one matrix of the batch to the next, in elements: packedPanelsLength(k, n) or more. Default 0: one matrix for all. */
  readonly batchStride?: number | undefined;
}

export interface MatrixProduct {
  readonly batch?: number | undefined;
  /** Rows of a and y. */
  readonly m: number;
  /** Columns of a, rows of b. */
  readonly k: number;
  /** Columns of b and y. */
  readonly n: number;
  readonly a: Matrix | Rows;
  readonly b: Matrix | Panels;
  /** y (batch, m, n), overwritten. */
  readonly y: Operand<"float32">;
  /** From one row of y to the next, in elements. Default n. */
  readonly yRowStride?: number | undefined;
  /** From one matrix of y to the next, in elements. Default m · yRowStride. */
  readonly yBatchStride?: number | undefined;
  /** Add to what y holds instead. Default false. */
  readonly accumulate?: boolean | undefined;
  /** (n). Default none. */
  readonly bias?: Operand<"float32"> | undefined;
  /** Applied while a tile of y is still in cache. Default none. */
  readonly activation?: Activation | undefined;
}

/** y = activation(a · b + bias), for a batch of matrices of any strides: both are packed, then multiplied tile by tile. */
export function multiplyMatrices({ batch = 1, m, k, n, a, b, y, bias, activation, ...options }: MatrixProduct): void {
  const { yRowStride = n, yBatchStride = m * yRowStride, accumulate = false } = options;
  const sizes = { batch, m, k, n, yRowStride, yBatchStride };
  using rows = "rows" in a ? undefined : packedRows(a, a.batchStride ? batch : 1, m, k);
  using panels = "panels" in b ? undefined : packedPanels(b, b.batchStride ? batch : 1, k, n);
  kernels().matmul({
    rows: "rows" in a ? a.rows : (rows ?? (a.first as Operand<"float32">)),
    rowsBatchStride: a.batchStride ? m * k : 0,
    panels: "panels" in b ? b.panels : (panels as Tensor),
    panelsBatchStride: !b.batchStride ? 0 : "panels" in b ? b.batchStride : packedPanelsLength(k, n),
    y,
    bias,
    accumulate,
    activation,
    ...sizes,
  });
}

/** Bands of rows, made for this product alone; undefined where one contiguous row is its own packed form. */
function packedRows({ first, rowStride, columnStride, batchStride = 0 }: Matrix, count: number, m: number, k: number): Tensor | undefined {
  if (m === 1 && count === 1 && columnStride === 1) return undefined;
  const rows = empty([count, m, k]);
  for (let i = 0; i < count; i++)
    kernels().packRows({ a: at(first, i * batchStride), rows: at(rows, i * m * k), m, k, rowStride, columnStride });
  return rows;
}

/** Column panels, made for this product alone. */
function packedPanels({ first, rowStride, columnStride, batchStride = 0 }: Matrix, count: number, k: number, n: number): Tensor {
  const length = packedPanelsLength(k, n);
  const panels = empty([count, length]);
  for (let i = 0; i < count; i++) {
    kernels().packPanels({
      b: at(first, i * batchStride),
      panels: at(panels, i * length),
      k,
      n,
      kStride: rowStride,
      nStride: columnStride,
    });
  }
  return panels;
}
