/**
 * Parquet, by `hyparquet-writer`. Vectors are lists of float32 or int8. Parquet itself has no lists of fixed size; Arrow's libraries say it in a note, and read them as
 * such again (pyarrow, pandas, polars, datasets).
 */
import type { FileMetaData } from "hyparquet";
import type { SchemaElement } from "hyparquet-writer";
import { optional } from "../optional.ts";
import type { Cell, Columns, ColumnType } from "../row.ts";
import { arrowSchemaOf, columnsOf } from "./arrow-schema.ts";
import type { Table } from "./table.ts";

export const parquetWriter = (): Promise<typeof import("hyparquet-writer")> =>
  optional("Parquet", "hyparquet hyparquet-writer", () => import("hyparquet-writer"));

export async function encodeParquet({ columns, rows, cell }: Table): Promise<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await parquetWriter();
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), statistics: false, kvMetadata: await notesOf(columns) });
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

/** The columns of a file that `encodeParquet` has made. Texts that are JSON are texts then. */
export async function columnsIn({ schema, key_value_metadata }: FileMetaData): Promise<Columns> {
  const note = key_value_metadata?.find(({ key }) => key === noteKey)?.value;
  if (note === undefined)
    return Object.fromEntries(schema.slice(1).map(({ name, type }) => [name, typesOf[type ?? "BYTE_ARRAY"] ?? "string"]));
  const arrow = await loadArrow();
  return columnsOf(arrow.tableFromIPC(Buffer.from(note, "base64")).schema, arrow);
}

const typesOf: { readonly [Type in string]?: ColumnType } = { DOUBLE: "number", INT64: "integer", BOOLEAN: "boolean" };

const noteKey = "ARROW:schema";
const loadArrow = (): Promise<typeof import("apache-arrow")> =>
  optional("Parquet with vectors", "hyparquet hyparquet-writer apache-arrow", () => import("apache-arrow"));

/** Arrow's schema as its libraries leave it in Parquet's files; none without vectors. */
async function notesOf(columns: Columns): Promise<{ key: string; value: string }[] | undefined> {
  if (Object.values(columns).every((type) => typeof type !== "object")) return undefined;
  const arrow = await loadArrow();
  const bytes = arrow.tableToIPC(new arrow.Table(arrowSchemaOf(columns, arrow)), "stream");
  return [{ key: noteKey, value: Buffer.from(bytes).toString("base64") }];
}

/** A cell as the writer takes it. */
function plain(value: Cell, type: ColumnType): unknown {
  if (value === null) return null;
  if (ArrayBuffer.isView(value)) return Array.from(value);
  if (type === "integer") return BigInt(value as number);
  return type === "json" ? JSON.stringify(value) : value;
}

const optionalOf = (name: string, more: Partial<SchemaElement>): SchemaElement => ({ name, repetition_type: "OPTIONAL", ...more });

function schemaOf(columns: Columns): SchemaElement[] {
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
