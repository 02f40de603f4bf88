/** Parquet, by `hyparquet-writer`. Vectors are lists of float32 or int8, all of one length. */
import type { SchemaElement } from "hyparquet-writer";
import { optional } from "../optional.ts";
import type { Cell, ColumnType } from "../row.ts";
import type { Table } from "./table.ts";

export const parquetWriter = (): Promise<typeof import("hyparquet-writer")> =>
  optional("Parquet", "hyparquet hyparquet-writer", () => import("hyparquet-writer"));

export async function encodeParquet({ columns, rows, cell }: Table): Promise<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await parquetWriter();
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), statistics: false });
  const columnData = Object.entries(columns).map(([name, type]) => ({
    name,
    data: Array.from({ length: rows }, (_, row) => plain(cell(name, row), type)),
    offsetIndex: false,
    ...(typeof type === "object" && { codec: "UNCOMPRESSED" as const, encoding: "PLAIN" as const }),
  }));
  await writer.write({ columnData, rowGroupSize: rows });
  await writer.finish();
  return bytes.getBytes();
}

/** A cell as the writer takes it. */
function plain(value: Cell, type: ColumnType): unknown {
  if (value === null) return null;
  if (ArrayBuffer.isView(value)) return Array.from(value);
  if (type === "integer") return BigInt(value as number);
  return type === "json" ? JSON.stringify(value) : value;
}

const optionalOf = (name: string, more: Partial<SchemaElement>): SchemaElement => ({ name, repetition_type: "OPTIONAL", ...more });

function schemaOf(columns: Table["columns"]): SchemaElement[] {
  const entries = Object.entries(columns);
  return [{ name: "schema", num_children: entries.length }, ...entries.flatMap(([name, type]) => elementsOf(name, type))];
}

function elementsOf(name: string, type: ColumnType): SchemaElement[] {
  if (typeof type !== "object") return [optionalOf(name, plainTypes[type])];
  const number: Partial<SchemaElement> = type.vector === "float32" ? { type: "FLOAT" } : { type: "INT32", converted_type: "INT_8" };
  return [
    optionalOf(name, { num_children: 1, converted_type: "LIST", logical_type: { type: "LIST" } }),
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "REQUIRED", ...number },
  ];
}

const plainTypes: { readonly [Type in Extract<ColumnType, string>]: Partial<SchemaElement> } = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  json: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  number: { type: "DOUBLE" },
  integer: { type: "INT64" },
  boolean: { type: "BOOLEAN" },
};
