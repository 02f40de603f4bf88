import { type Activation, int8RowsBytes, type Operand } from "@x/core-wasm";
import { engine, kernels } from "../../tensor/engine.ts";

export interface Int8Product {
  /** Rows of x and y. */
  readonly m: number;
  /** Columns of x, rows of the weight's transpose. */
  readonly k: number;
  /** Columns of y. */
  readonly n: number;
  /** (m, k) */
  readonly x: Operand<"float32">;
  /** The weight's panels of whole numbers. */
  readonly panels: Operand<"uint8">;
  /** (m, n), overwritten. */
  readonly y: Operand<"float32">;
  /** (n) */
  readonly bias: Operand<"float32"> | undefined;
  readonly activation: Activation | undefined;
}

/** y = activation(x · weightᵀ + bias) in whole numbers: each row of x is brought to eight bits by its own range, the weight has seven. */
export function multiplyInt8({ m, k, n, x, panels, y, bias, activation }: Int8Product): void {
  using block = engine().allocate(int8RowsBytes(m, k));
  const rows = block.as("uint8");
  kernels().int8Rows({ x, rows, m, k });
  kernels().int8Matmul({ rows, panels, y, bias, m, k, n, activation });
}
