import { fftWork } from "./fft-plan.ts";

/** How many units the matrix and Fourier kernels have, and the bytes of scratch that each thread needs. Their headers say why. */

/** Units of `packRows`. */
export const packRowsUnits = (m: number): number => Math.ceil(m / 12);

/** Units of `packPanels` and `unpackPanels`. */
export const packPanelsUnits = (n: number): number => Math.ceil(n / 8);

/** Units of `packPatches`: panels of all images, each of H'·W' outputs. */
export const packPatchesUnits = (batch: number, places: number): number => batch * packPanelsUnits(places);

/** Tiles that `winogradPatches` makes of a batch whose outputs are (H', W'), those that fill rows and panels included. */
export const winogradTiles = (batch: number, height: number, width: number): number =>
  packPanelsUnits(batch * Math.ceil(height / 2) * Math.ceil(width / 8) * 4) * 8;

/** Scratch of `winogradPatches`. */
export const winogradScratch = (width: number): number => 160 * (Math.ceil(width / 8) + 1);

/** Elements that the packed panels of a (k, n) matrix take. */
export const packedPanelsLength = (k: number, n: number): number => Math.ceil(n / 8) * 8 * k;

/** Units of `matmul`. */
export const matmulUnits = (batch: number, m: number, n: number): number => batch * Math.ceil(m / 144) * Math.ceil(n / 32);

/** Scratch of `matmul`. */
export const MATMUL_SCRATCH = 416;

/** Units of `int8Rows`. */
export const int8RowsUnits = (m: number): number => Math.ceil(m / 4);

/** Bytes that the rows of an (m, k) matrix take in whole numbers, in the build that needs more. */
export const int8RowsBytes = (m: number, k: number): number => m * (16 + 8 * Math.ceil(k / 4));

/** Units of `int8Panels`. */
export const int8PanelsUnits = (n: number): number => Math.ceil(n / 8);

/** Bytes that the panels of a (k, n) matrix take in whole numbers. */
export const int8PanelsBytes = (k: number, n: number): number => Math.ceil(n / 8) * (96 + 32 * Math.ceil(k / 4));

/** Scratch of `int8Matmul`, whose units are `matmulUnits(1, m, n)`. */
export const INT8_MATMUL_SCRATCH = 160;

const roundUp = (n: number): number => Math.ceil(n / 8) * 8;

/** Units of `attention`; `batch` counts windows. */
export const attentionUnits = (batch: number, heads: number, queryCount: number): number => batch * heads * Math.ceil(queryCount / 96);

/** Scratch of `attention`: packed keys and values, and six rows of queries, scores twice, and outputs; eight rows gathered. */
export function attentionScratch(keyCount: number, headSize: number): number {
  const keys = roundUp(keyCount);
  const size = roundUp(headSize);
  return 4 * (2 * keys * size + 12 * keys + 20 * size + 8);
}

/** Units of `attentionBackward`; `batch` counts windows. */
export const attentionBackwardUnits = (batch: number, heads: number): number => batch * heads;

/** Scratch of `attentionBackward`: keys and values packed three ways, their gradients, and 96 rows of queries, dy, scores and ds. */
export function attentionBackwardScratch(keyCount: number, headSize: number): number {
  const keys = roundUp(keyCount);
  const size = roundUp(headSize);
  return 4 * (5 * keys * size + 192 * keys + 206 * size + 6 * Math.max(keys, size, 96));
}

/** Units of `fftRows`. */
export const fftRowsUnits = (rows: number): number => Math.ceil(rows / 4);

/** Scratch of `fftRows`. */
export const fftRowsScratch = (length: number): number => 32 * length + fftWork(length);

/** Units of `fourierMixRows`. */
export const fourierMixRowsUnits = (batch: number, rows: number): number => batch * (Math.floor(rows / 16) + 1);

/** Scratch of `fourierMixRows`. */
export const fourierMixRowsScratch = (columns: number): number => 32 * columns + fftWork(columns);

/** Elements that the panels between `fourierMixRows` and `fourierMixColumns` take. */
export const fourierMixPanelsLength = (batch: number, rows: number, columns: number): number =>
  8 * rows * fourierMixColumnsUnits(batch, columns);

/** Units of `fourierMixColumns`. */
export const fourierMixColumnsUnits = (batch: number, columns: number): number => batch * (Math.floor(columns / 16) + 1);

/** Scratch of `fourierMixColumns`. */
export const fourierMixColumnsScratch = (rows: number): number => 64 + fftWork(rows);
