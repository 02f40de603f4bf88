/** A table of a database, as a result goes into it and as it is searched. */
import type { Columns, Row } from "../row.ts";

/** Says which row of the source a row of the table is, from 0 on. By it nothing comes twice. */
export const sourceRow = "source_row";

/** More rows than these are given an index for the nearest; below, every row is looked at. */
export const exactRows = 100_000;

export interface Table extends AsyncDisposable {
  /** Rows; undefined where there is no such table. */
  count(): Promise<number | undefined>;
  create(columns: Columns): Promise<void>;
  /** All or none, and none that is there already. */
  add(rows: readonly Row[], columns: Columns): Promise<void>;
  /** An index for the nearest, if there is none. */
  index(column: string): Promise<void>;
  isIndexed(column: string): Promise<boolean>;
  /** The first column that has vectors; undefined where none has, or there is no table. */
  vectors(): Promise<string | undefined>;
  /** The rows whose vectors are nearest to one. */
  nearest(vector: Float32Array, topK: number, column: string): Promise<readonly NearRow[]>;
}

/** A row without its vector. */
export interface NearRow {
  /** The cosine, from −1 to 1. */
  readonly score: number;
  readonly row: Row;
}

/** A row without one of its columns. */
export const without = <Value>(row: Readonly<Record<string, Value>>, column: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name !== column));
