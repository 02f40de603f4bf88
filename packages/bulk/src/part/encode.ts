/** The rows of a shard with their results as the bytes of a file. */
import type { Format, Manifest } from "../job.ts";
import type { Cell, Cells, Columns, Row } from "../row.ts";
import { encodeJsonLines } from "./jsonl.ts";
import { encodeNpy } from "./npy.ts";
import { encodeParquet } from "./parquet.ts";
import type { Table } from "./table.ts";

const encoders: { readonly [Name in Format]: (table: Table) => Uint8Array | Promise<Uint8Array> } = {
  jsonl: encodeJsonLines,
  npy: encodeNpy,
  parquet: encodeParquet,
};

/** Kept columns first, then those of the result, which stand in the place of kept ones with their names. */
export async function encodePart(
  { kept, format }: Manifest,
  found: Columns,
  rows: readonly Row[],
  results: readonly Cells[],
): Promise<Uint8Array> {
  const columns = { ...kept, ...found };
  const cell = (name: string, row: number): Cell => (name in found ? results[row]?.[name] : rows[row]?.[name]) ?? null;
  return encoders[format]({ columns, rows: rows.length, cell });
}
