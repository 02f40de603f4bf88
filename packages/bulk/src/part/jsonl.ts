import type { Cell } from "../row.ts";
import { bytesOf } from "../storage/storage.ts";
import type { Table } from "./table.ts";

/** An object a line. Numbers of vectors have the nine digits that tell a float32 from all others. */
export function encodeJsonLines({ columns, rows, cell }: Table): Uint8Array {
  const names = Object.keys(columns);
  const lines = Array.from({ length: rows }, (_, row) => {
    const pairs = names.map((name) => `${JSON.stringify(name)}:${written(cell(name, row))}`);
    return `{${pairs.join(",")}}\n`;
  });
  return bytesOf(lines.join(""));
}

function written(value: Cell): string {
  if (value instanceof Float32Array) return `[${Array.from(value, (number) => Number(number.toPrecision(9))).join(",")}]`;
  if (value instanceof Int8Array) return `[${value.join(",")}]`;
  return JSON.stringify(value);
}
