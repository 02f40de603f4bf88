/** Embeddings in fewer bytes, bit for bit as sentence-transformers' `quantize_embeddings` makes them. */
import { ArgumentError, kindOf, shown } from "../errors.ts";
import { checkArguments, checkOptions, oneOf, type RulesOf, type ValueRule } from "../options.ts";

/** What an embedding of D numbers is in each precision: D numbers, D bytes, or ⌈D / 8⌉ bytes of a bit each. */
export interface EmbeddingArrays {
  readonly float32: Float32Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  /** As `ubinary`, every byte less 128. */
  readonly binary: Int8Array;
  /** Whether each number is above 0, the first in a byte's highest bit. */
  readonly ubinary: Uint8Array;
}

export type EmbeddingPrecision = keyof EmbeddingArrays;

/** The least and the greatest of each number: two lists of D, the rows of sentence-transformers' `ranges`. */
export type EmbeddingRanges = readonly [least: Float32Array | readonly number[], greatest: Float32Array | readonly number[]];

export interface PrecisionOptions<Precision extends EmbeddingPrecision = EmbeddingPrecision> {
  /** What each embedding is given as: whole numbers of eight bits, or a bit for each number. Default "float32". */
  readonly precision?: Precision | undefined;
  /** What int8 and uint8 spread their 256 steps over: `embeddingRanges` of many embeddings. Default: those of what is embedded. */
  readonly ranges?: EmbeddingRanges | undefined;
}

const isFloats = (value: unknown): value is Float32Array => kindOf(value) === "Float32Array";
const aRow = (value: unknown): value is Float32Array | readonly number[] =>
  (isFloats(value) || Array.isArray(value)) && value.every(Number.isFinite);
const someRanges: ValueRule = {
  rule: "two lists of finite numbers, the least and the greatest",
  holds: (value) => Array.isArray(value) && value.length === 2 && value.every(aRow) && value[0]?.length === value[1]?.length,
};
const precisions: Readonly<Record<EmbeddingPrecision, true>> = { float32: true, int8: true, uint8: true, binary: true, ubinary: true };

export const precisionRules: RulesOf<PrecisionOptions> = { precision: oneOf(...Object.keys(precisions)), ranges: someRanges };

/**
 * The least and the greatest of each number of embeddings: what `quantizeEmbeddings` spreads int8 and uint8 over. The more embeddings, and the more like
 * those to come, the better; some hundred are enough.
 * @throws ArgumentError when there is none, or they differ in length
 */
export function embeddingRanges(embeddings: readonly Float32Array[]): readonly [least: Float32Array, greatest: Float32Array] {
  const [first] = embeddings;
  if (!first) throw new ArgumentError("embeddingRanges", "there must be embeddings to take ranges from", "there is none");
  const [least, greatest] = [first.slice(), first.slice()];
  for (const embedding of checkedRows("embeddingRanges", embeddings, first.length)) {
    for (const [d, value] of embedding.entries()) {
      if (value < (least[d] ?? 0)) least[d] = value;
      if (value > (greatest[d] ?? 0)) greatest[d] = value;
    }
  }
  return [least, greatest];
}

/**
 * Embeddings in a quarter of their bytes (int8, uint8) or in a thirty-second (binary, ubinary). What lies outside the ranges becomes the nearest end.
 * @param options.ranges of int8 and uint8. Default: the embeddings' own, which then can't be compared with others'
 * @throws ArgumentError when one embedding alone is to have ranges, they differ in length, or a number isn't finite
 */
export function quantizeEmbeddings<Precision extends EmbeddingPrecision>(
  embeddings: readonly Float32Array[],
  precision: Precision,
  options: Pick<PrecisionOptions, "ranges"> = {},
): EmbeddingArrays[Precision][] {
  const where = "quantizeEmbeddings";
  checkArguments(where, precisionRules.precision, { precision });
  checkOptions(where, options, { ranges: precisionRules.ranges });
  const rows = checkedRows(where, embeddings, embeddings[0]?.length ?? 0);
  const grid =
    isScalar(precision) && rows.length > 0 ? new RangeGrid(where, rangesFor(rows, precision, options.ranges), rows[0]) : undefined;
  const made: { readonly [P in EmbeddingPrecision]: (row: Float32Array) => EmbeddingArrays[P] } = {
    float32: (row) => row.slice(),
    uint8: (row) => Uint8Array.from(row, (value, d) => grid?.step(value, d) ?? 0),
    int8: (row) => Int8Array.from(row, (value, d) => (grid?.step(value, d) ?? 0) - 128),
    ubinary: packBits,
    binary: (row) => Int8Array.from(packBits(row), (byte) => byte - 128),
  };
  return rows.map(made[precision]);
}

/** The same of those that are there: some may have failed. */
export function quantizeFound<Precision extends EmbeddingPrecision>(
  embeddings: readonly (Float32Array | undefined)[],
  precision: Precision,
  options: Pick<PrecisionOptions, "ranges">,
): (EmbeddingArrays[Precision] | undefined)[] {
  const found = embeddings.filter((embedding) => embedding !== undefined);
  const quantized = quantizeEmbeddings(found, precision, options)[Symbol.iterator]();
  return embeddings.map((embedding) => embedding && quantized.next().value);
}

/** Whether a precision has a byte for each number. */
export const isScalar = (precision: EmbeddingPrecision): precision is "int8" | "uint8" => precision === "int8" || precision === "uint8";

function rangesFor(rows: readonly Float32Array[], precision: EmbeddingPrecision, ranges: EmbeddingRanges | undefined): EmbeddingRanges {
  if (ranges || rows.length > 1) return ranges ?? embeddingRanges(rows);
  throw new ArgumentError(
    "quantizeEmbeddings",
    `${precision} needs ranges, as embeddingRanges finds them`,
    "there is one embedding, and no ranges",
  );
}

/** 256 steps from the least to the greatest of each number, in float32 as NumPy counts. */
export class RangeGrid {
  readonly least: Float32Array;
  readonly steps: Float32Array;

  constructor(where: string, [least, greatest]: EmbeddingRanges, { length }: { readonly length: number } = least) {
    this.least = Float32Array.from(least);
    this.steps = Float32Array.from(greatest, (most, d) => Math.fround(Math.fround(most) - (this.least[d] ?? 0)) / 255 || 1);
    if (least.length !== length)
      throw new ArgumentError(where, "ranges must have as many numbers as the embeddings", `they have ${least.length} and ${length}`);
  }

  /** Which of the steps, from 0 to 255. */
  step(value: number, d: number): number {
    const steps = Math.fround(Math.fround(value - (this.least[d] ?? 0)) / (this.steps[d] ?? 1));
    return Math.max(0, Math.min(255, Math.floor(steps)));
  }

  /** Steps as numbers again: the lower end of each. */
  numbers(steps: Uint8Array): Float32Array {
    return Float32Array.from(steps, (step, d) => (this.least[d] ?? 0) + step * (this.steps[d] ?? 0));
  }
}

/** A bit for each number, the first highest; what is left of the last byte is 0. */
function packBits(row: Float32Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(row.length / 8));
  for (const [d, value] of row.entries()) if (value > 0) bytes[d >> 3] = (bytes[d >> 3] ?? 0) | (128 >> (d & 7));
  return bytes;
}

function checkedRows(where: string, embeddings: readonly Float32Array[], width: number): readonly Float32Array[] {
  for (const [i, row] of embeddings.entries()) {
    if (!isFloats(row)) throw new ArgumentError(where, "embeddings are a list of Float32Arrays", `number ${i} is ${shown(row)}`);
    if (row.length !== width)
      throw new ArgumentError(
        where,
        "all embeddings must be equally long",
        `number 0 has ${width} numbers and number ${i} has ${row.length}`,
      );
    if (!row.every(Number.isFinite)) throw new ArgumentError(where, "embeddings are finite numbers", `number ${i} isn't`);
  }
  return embeddings;
}
