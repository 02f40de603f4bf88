import type { Cell, Columns } from "../row.ts";

/** Columns side by side, a cell for each row. */
export interface Table {
  readonly columns: Columns;
  readonly rows: number;
  cell(name: string, row: number): Cell;
}
