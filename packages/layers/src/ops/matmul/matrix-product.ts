import { MATMUL_SCRATCH, matmulUnits, packedPanelsLength, packPanelsUnits, packRowsUnits } from "@x/core-wasm";
import { engine } from "../../tensor/engine.ts";
import { empty } from "../../tensor/tensor.ts";
import type { Activation } from "../elementwise/activation.ts";

/** A matrix anywhere in memory: element (i, j) of matrix number b lies at pointer + 4 · (b · batchStride + i · rowStride + j · columnStride). */
export interface Matrix {
  readonly pointer: number;
  readonly rowStride: number;
  readonly columnStride: number;
  /** Default 0: one matrix for all. */
  readonly batchStride?: number;
}

/** A left-hand matrix that is packed already. */
export interface Rows {
  /** Address of its bands of rows: matmul-pack.ts among the kernels. */
  readonly rows: number;
  /** m · k if there is a matrix for each of the batch, one after the other. Default 0: one matrix for all. */
  readonly batchStride?: number;
}

/** A right-hand matrix that is packed already. */
export interface Panels {
  /** Address of its column panels: matmul-pack.ts among the kernels. */
  readonly panels: number;
  /** From one matrix of the batch to the next, in elements: packedPanelsLength(k, n) or more. Default 0: one matrix for all. */
  readonly batchStride?: number;
}

export interface MatrixProduct {
  readonly batch?: number;
  /** Rows of a and y. */
  readonly m: number;
  /** Columns of a, rows of b. */
  readonly k: number;
  /** Columns of b and y. */
  readonly n: number;
  readonly a: Matrix | Rows;
  readonly b: Matrix | Panels;
  /** y (batch, m, n), overwritten. */
  readonly y: number;
  /** From one row of y to the next, in elements. Default n. */
  readonly yRowStride?: number;
  /** From one matrix of y to the next, in elements. Default m · yRowStride. */
  readonly yBatchStride?: number;
  /** Add to what y holds instead. Default false. */
  readonly accumulate?: boolean;
  /** (n), or 0 for none. */
  readonly bias?: number;
  readonly activation?: FusedActivation | undefined;
}

/** What the kernel can apply while a tile of y is still in cache, by its number there. */
export const fusedActivations: {
  readonly relu: 1;
  readonly gelu: 2;
  readonly geluTanh: 3;
  readonly quickGelu: 4;
  readonly silu: 5;
  readonly tanh: 6;
} = { relu: 1, gelu: 2, geluTanh: 3, quickGelu: 4, silu: 5, tanh: 6 };

export type FusedActivation = keyof typeof fusedActivations;

export const isFused = (activation: Activation): activation is FusedActivation => activation in fusedActivations;

/** y = activation(a · b + bias), for a batch of matrices of any strides: both are packed, then multiplied tile by tile. */
export function multiplyMatrices({ batch = 1, m, k, n, a, b, y, bias = 0, activation, ...options }: MatrixProduct): void {
  const { yRowStride = n, yBatchStride = m * yRowStride, accumulate = false } = options;
  const core = engine();
  const batchOfA = a.batchStride ? batch : 1; // one matrix for all is packed once
  const oneB = !b.batchStride;
  const panelsLength = packedPanelsLength(k, n);
  const panelsStride = oneB ? 0 : "panels" in b ? b.batchStride : panelsLength;
  // One contiguous row is its own packed form.
  const packedRows = "rows" in a ? a.rows : m === 1 && batch === 1 && a.columnStride === 1 ? a.pointer : undefined;
  using rows = packedRows === undefined ? empty([batchOfA, m, k]) : undefined;
  using panels = "panels" in b ? undefined : empty([oneB ? 1 : batch, panelsLength]);

  if (rows && !("rows" in a)) {
    for (let i = 0; i < batchOfA; i++) {
      const from = a.pointer + 4 * i * (a.batchStride ?? 0);
      core.launch("packRows", packRowsUnits(m), 12 * k, from, rows.pointer + 4 * i * m * k, m, k, a.rowStride, a.columnStride);
    }
  }
  if (!("panels" in b) && panels) {
    for (let i = 0; i < (oneB ? 1 : batch); i++) {
      const from = b.pointer + 4 * i * (b.batchStride ?? 0);
      core.launch("packPanels", packPanelsUnits(n), 8 * k, from, panels.pointer + 4 * i * panelsLength, k, n, b.rowStride, b.columnStride);
    }
  }
  const units = matmulUnits(batch, m, n);
  const unitCost = (batch * m * n * k) / (4 * Math.max(units, 1));
  // prettier-ignore
  core.launchWithScratch("matmul", units, unitCost, MATMUL_SCRATCH,
    packedRows ?? rows?.pointer ?? 0, "panels" in b ? b.panels : (panels?.pointer ?? 0), y, bias,
    a.batchStride ? m * k : 0, panelsStride, yBatchStride, yRowStride,
    m, k, n, accumulate ? 1 : 0, activation ? fusedActivations[activation] : 0);
}
