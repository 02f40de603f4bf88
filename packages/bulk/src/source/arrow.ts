/** Arrow's files and streams (Feather, IPC), by `apache-arrow`: a record batch at a time. */
import { createReadStream } from "node:fs";
import type { Json } from "@x/layers/model";
import type { DataType, Decimal, Dictionary, StructRowProxy, Vector } from "apache-arrow";
import { optional } from "../optional.ts";
import type { Row } from "../row.ts";
import { jsonOf } from "./json-of.ts";

type Arrow = typeof import("apache-arrow");

export async function* arrowRows(path: string): AsyncGenerator<Row, void, void> {
  const arrow = await optional("Arrow", "apache-arrow", () => import("apache-arrow"));
  const reader = await arrow.RecordBatchReader.from(createReadStream(path));
  for await (const batch of reader) {
    const { fields } = batch.schema;
    for (const row of batch) if (row) yield Object.fromEntries(fields.map(({ name, type }) => [name, jsonAs(row[name], type, arrow)]));
  }
}

/** A value as its type says: what Arrow keeps as numbers may be a time. */
function jsonAs(value: unknown, type: DataType, arrow: Arrow): Json {
  const { DataType } = arrow;
  if (value === null || value === undefined) return null;
  if (DataType.isDictionary(type)) return jsonAs(value, (type as Dictionary).dictionary, arrow);
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return jsonOf(new Date(Number(value)));
  if (DataType.isDecimal(type)) return decimalOf(value as Uint32Array, type);
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    const [of] = type.children;
    return of ? Array.from(value as Vector, (one: unknown) => jsonAs(one, of.type, arrow)) : [];
  }
  if (DataType.isStruct(type)) {
    const row = value as StructRowProxy;
    return Object.fromEntries(type.children.map(({ name, type: of }) => [name, jsonAs(row[name], of, arrow)]));
  }
  return jsonOf(value);
}

/** Words of 32 bits, the lowest first, in two's complement. */
function decimalOf(words: Uint32Array, { scale }: Decimal): number {
  const whole = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return Number(BigInt.asIntN(32 * words.length, whole)) / 10 ** scale;
}
