import { INT8_MATMUL_SCRATCH, int8RowsBytes, int8RowsUnits, matmulUnits } from "@x/core-wasm";
import { engine } from "../../tensor/engine.ts";
import { Storage } from "../../tensor/storage.ts";
import { type FusedActivation, fusedActivations } from "./matrix-product.ts";

export interface Int8Product {
  /** Rows of x and y. */
  readonly m: number;
  /** Columns of x, rows of the weight's transpose. */
  readonly k: number;
  /** Columns of y. */
  readonly n: number;
  /** Address of x (m, k). */
  readonly x: number;
  /** Address of the weight's panels of whole numbers. */
  readonly panels: number;
  /** Address of y (m, n), overwritten. */
  readonly y: number;
  /** (n), or 0 for none. */
  readonly bias: number;
  readonly activation: FusedActivation | undefined;
}

/** y = activation(x · weightᵀ + bias) in whole numbers: each row of x is brought to eight bits by its own range, the weight has seven. */
export function multiplyInt8({ m, k, n, x, panels, y, bias, activation }: Int8Product): void {
  const core = engine();
  const rows = new Storage(core, int8RowsBytes(m, k));
  core.launch("int8Rows", int8RowsUnits(m), 8 * k, x, rows.pointer, m, k);
  const units = matmulUnits(1, m, n);
  const unitCost = (m * n * k) / (8 * Math.max(units, 1));
  const activated = activation ? fusedActivations[activation] : 0;
  core.launchWithScratch("int8Matmul", units, unitCost, INT8_MATMUL_SCRATCH, rows.pointer, panels, y, bias, m, k, n, activated);
  rows.release();
}
