/** Rows of bytes, one after the other. */

/** What quantised embeddings are. */
export type Bytes = Int8Array | Uint8Array;

/** What is kept: from 0 on, as `uint8` and `ubinary` have it. */
export const unsigned = (bytes: Bytes): Uint8Array => (bytes instanceof Int8Array ? Uint8Array.from(bytes, (byte) => byte + 128) : bytes);

/** What was asked for: `int8` and `binary` are 128 less. */
export const inPrecision = (precision: string, bytes: Uint8Array): Bytes =>
  precision === "int8" || precision === "binary" ? Int8Array.from(bytes, (byte) => byte - 128) : bytes;

export function joined(rows: Uint8Array, more: Uint8Array): Uint8Array {
  const both = new Uint8Array(rows.length + more.length);
  both.set(rows);
  both.set(more, rows.length);
  return both;
}

export function picked(rows: Uint8Array, stride: number, which: readonly number[]): Uint8Array {
  const some = new Uint8Array(which.length * stride);
  for (const [to, from] of which.entries()) some.set(rows.subarray(from * stride, (from + 1) * stride), to * stride);
  return some;
}
