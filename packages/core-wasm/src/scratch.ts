import { fftWork } from "./fft-plan.ts";
import { attentionBackwardScratch as backwardScratch, attentionScratch as forwardScratch } from "./generated/kernels.ts";

/** What positional launches need besides the generated functions. Goes when @x/layers has moved over. */

export const packRowsUnits = (m: number): number => Math.ceil(m / 12);
export const packPanelsUnits = (n: number): number => Math.ceil(n / 8);
export const packPatchesUnits = (batch: number, places: number): number => batch * packPanelsUnits(places);
export const winogradScratch = (width: number): number => 160 * (Math.ceil(width / 8) + 1);
export const matmulUnits = (batch: number, m: number, n: number): number => batch * Math.ceil(m / 144) * Math.ceil(n / 32);
export const MATMUL_SCRATCH = 224;
export const int8RowsUnits = (m: number): number => Math.ceil(m / 4);
export const int8PanelsUnits = (n: number): number => Math.ceil(n / 8);
export const INT8_MATMUL_SCRATCH = 160;

const roundUp = (n: number): number => Math.ceil(n / 8) * 8;

export const attentionUnits = (batch: number, heads: number, queryCount: number): number => batch * heads * Math.ceil(queryCount / 96);
export const attentionScratch = (keyCount: number, headSize: number): number => forwardScratch(roundUp(keyCount), roundUp(headSize));
export const attentionBackwardUnits = (batch: number, heads: number): number => batch * heads;
export const attentionBackwardScratch = (keyCount: number, headSize: number): number =>
  backwardScratch(roundUp(keyCount), roundUp(headSize));
export const fftRowsUnits = (rows: number): number => Math.ceil(rows / 4);
export const fftRowsScratch = (length: number): number => 32 * length + fftWork(length);
export const fourierMixRowsUnits = (batch: number, rows: number): number => batch * (Math.floor(rows / 16) + 1);
export const fourierMixRowsScratch = (columns: number): number => 32 * columns + fftWork(columns);
export const fourierMixColumnsUnits = (batch: number, columns: number): number => batch * (Math.floor(columns / 16) + 1);
export const fourierMixColumnsScratch = (rows: number): number => 64 + fftWork(rows);
