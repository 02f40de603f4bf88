import type { Json } from "@x/layers/model";
import type { Row } from "../row.ts";

/** What a table or a program calls a row, as JSON can say it. */
export const jsonRowOf = (row: object): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]: [string, unknown]) => [name, jsonOf(value)]));

/** A value of a table as JSON can say it: bytes as a `data:` address, which pictures can be read from. */
export function jsonOf(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `data:application/octet-stream;base64,${Buffer.from(value).toString("base64")}`;
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, jsonOf);
  if (Array.isArray(value)) return value.map(jsonOf);
  return jsonRowOf(value);
}
