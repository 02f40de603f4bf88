/** Just enough of protocol buffers' wire format to write with. Messages are ropes, so that large weights are copied once, at the end. */

/** Bytes in parts that follow each other. */
export interface Rope {
  readonly length: number;
  readonly parts: readonly Uint8Array[];
}

const wireTypes = { varint: 0, delimited: 2, fixed32: 5 } as const;

/** A message: its fields one after the other. */
export function message(...fields: readonly Rope[]): Rope {
  return { length: fields.reduce((sum, { length }) => sum + length, 0), parts: fields.flatMap(({ parts }) => parts) };
}

export const integerField = (number: number, value: number): Rope => rope(tag(number, "varint"), varint(value));

export const stringField = (number: number, value: string): Rope => bytesField(number, new TextEncoder().encode(value));

export const bytesField = (number: number, value: Uint8Array): Rope => rope(tag(number, "delimited"), varint(value.length), value);

export const messageField = (number: number, value: Rope): Rope => rope(tag(number, "delimited"), varint(value.length), ...value.parts);

export function floatField(number: number, value: number): Rope {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return rope(tag(number, "fixed32"), bytes);
}

/** The rope as one array. */
export function toBytes({ length, parts }: Rope): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function rope(...parts: readonly Uint8Array[]): Rope {
  return { length: parts.reduce((sum, { length }) => sum + length, 0), parts };
}

const tag = (number: number, type: keyof typeof wireTypes): Uint8Array => varint(number * 8 + wireTypes[type]);

/** Seven bits a byte, lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
