/** NumPy's files: the vectors alone, (rows, width); a bad item's is NaN, or of int8 all zeros. */
import { ArgumentError } from "@x/layers";
import type { VectorType } from "../row.ts";
import type { Table } from "./table.ts";

const kinds = { float32: "<f4", int8: "|i1" } as const;

export function encodeNpy({ columns, rows, cell }: Table): Uint8Array {
  const [name = "", type] = Object.entries(columns).find(([, one]) => typeof one === "object") ?? [];
  if (typeof type !== "object") throw new ArgumentError("bulk", "a .npy file holds vectors", "this task makes none");
  const data = type.vector === "int8" ? new Int8Array(rows * type.width) : new Float32Array(rows * type.width).fill(NaN);
  for (let row = 0; row < rows; row++) {
    const vector = cell(name, row);
    if (ArrayBuffer.isView(vector) || Array.isArray(vector)) data.set(vector as ArrayLike<number>, row * type.width);
  }
  return Buffer.concat([npyHeader(type, rows), new Uint8Array(data.buffer)]);
}

/** Version 1.0, with spaces so that the numbers begin at a multiple of 64. */
export function npyHeader({ vector, width }: VectorType, rows: number): Uint8Array {
  const about = `{'descr': '${kinds[vector]}', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  const length = Math.ceil((10 + about.length + 1) / 64) * 64;
  const head = Buffer.alloc(length, " ");
  head.write("\u0093NUMPY\u0001\u0000", "latin1");
  head.writeUInt16LE(length - 10, 8);
  head.write(about, 10, "latin1");
  head[length - 1] = 10;
  return head;
}
