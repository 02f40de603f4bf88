import { ArgumentError } from "@x/layers";
import {
  type EmbeddingPrecision,
  type EmbeddingRanges,
  embeddingRanges,
  isScalar,
  kindOf,
  quantizeEmbeddings,
  RangeGrid,
} from "@x/layers/model";
import { type Embeddings, inverseLengths, type QuantizedVector, type Rows, rowsOf } from "../vectors.ts";
import { BitVectors } from "./bit-vectors.ts";
import { unsigned } from "./bytes.ts";
import { FloatVectors } from "./float-vectors.ts";
import type { KeptVectors } from "./kept-vectors.ts";
import { ScalarVectors } from "./scalar-vectors.ts";

/** How vectors are to be kept. */
export interface Keeping {
  readonly precision: EmbeddingPrecision;
  /** Of int8 and uint8. None: the vectors' own. */
  readonly ranges: EmbeddingRanges | undefined;
  /** Numbers of a vector, if it is known already: bytes of bits don't tell. */
  readonly width: number | undefined;
}

/**
 * @param rows the same as numbers
 * @throws ArgumentError when they aren't finite, or one alone is to have ranges
 */
export function keep(where: string, vectors: Embeddings, rows: Rows, keeping: Keeping): KeptVectors {
  const { precision } = keeping;
  const inverses = inverseLengths(where, rows);
  if (precision === "float32") return FloatVectors.of(rows, inverses);
  const list = Array.from(inverses, (_, row) => rows.data.slice(row * rows.width, (row + 1) * rows.width));
  const packed = quantized(vectors)?.map(unsigned);
  if (!isScalar(precision)) return BitVectors.of(precision, rows.width, packed ?? quantizeEmbeddings(list, "ubinary"));
  const ranges = rangesFor(where, list, keeping);
  return new ScalarVectors(precision, ranges, flat(packed ?? quantizeEmbeddings(list, "uint8", { ranges })), inverses);
}

/** Vectors as numbers; quantised ones as what they stand for. @throws ArgumentError when they differ in length, or are quantised in another way */
export function numbersOf(where: string, vectors: Embeddings, { precision, ranges, width }: Keeping): Rows {
  const packed = quantized(vectors);
  if (!packed) return rowsOf(where, vectors);
  const first = packed[0]?.length ?? 0;
  for (const [i, row] of packed.entries()) {
    if (precision === "float32" || kindOf(row) !== arrays[precision])
      throw new ArgumentError(
        where,
        `vectors must be numbers${precision === "float32" ? "" : `, or ${precision}`}, as the index is`,
        `number ${i} is a ${kindOf(row)}`,
      );
    if (row.length !== first)
      throw new ArgumentError(where, "all vectors must be equally long", `number 0 has ${first} bytes and number ${i} has ${row.length}`);
  }
  const bytes = packed.map(unsigned);
  if (isScalar(precision)) {
    if (!ranges) throw new ArgumentError(where, `${precision} vectors need the ranges that they were made with`, "the index has none");
    const grid = new RangeGrid(where, ranges, bytes[0]);
    return rowsOf(where, bytes.map((row) => grid.numbers(row))); // prettier-ignore
  }
  const numbers = width !== undefined && Math.ceil(width / 8) === first ? width : 8 * first;
  const bits = BitVectors.of("ubinary", numbers, bytes);
  return rowsOf(where, Array.from(bytes.keys(), (row) => bits.vector(row))); // prettier-ignore
}

const arrays = { int8: "Int8Array", binary: "Int8Array", uint8: "Uint8Array", ubinary: "Uint8Array" } as const;
const isQuantized = (value: unknown): value is QuantizedVector => ["Int8Array", "Uint8Array"].includes(kindOf(value));

/** Quantised vectors as a list; none where they are numbers. */
function quantized(vectors: Embeddings): readonly QuantizedVector[] | undefined {
  if (isQuantized(vectors)) return [vectors];
  const list: readonly unknown[] = Array.isArray(vectors) ? vectors : [];
  return list.length > 0 && list.every(isQuantized) ? list : undefined;
}

function rangesFor(where: string, list: readonly Float32Array[], { precision, ranges }: Keeping): EmbeddingRanges {
  if (ranges || list.length > 1) return ranges ?? embeddingRanges(list);
  throw new ArgumentError(where, `an index of ${precision} needs ranges, or many vectors at first to find them in`, "one vector came");
}

function flat(rows: readonly Uint8Array[]): Uint8Array {
  const width = rows[0]?.length ?? 0;
  const all = new Uint8Array(rows.length * width);
  for (const [row, bytes] of rows.entries()) all.set(bytes, row * width);
  return all;
}
