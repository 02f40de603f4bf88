/** Specification of assembly/winograd.ts. */
import { packPanels } from "./matmul.ts";
import { generate, type Numbers, total } from "./numbers.ts";

const G: readonly Numbers[] = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
];

/** Bᵀ */
const B: readonly Numbers[] = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
];

/** Aᵀ */
const A: readonly Numbers[] = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
];

/** Element (i, j) of M x Mᵀ, where x is square. What M has a 0 for isn't looked at. */
function onBothSides(M: readonly Numbers[], i: number, j: number, x: (row: number, column: number) => number): number {
  const size = M[0]!.length;
  return total(size, (row) =>
    total(size, (column) => {
      const factor = M[i]![row]! * M[j]![column]!;
      return factor === 0 ? 0 : factor * x(row, column);
    }),
  );
}

/** (rows, 3, 3) → (16, rows) */
export function winogradKernels(weight: Numbers, rows: number): Float64Array {
  return generate(16 * rows, (at) => {
    const [place, row] = [Math.floor(at / rows), at % rows];
    return onBothSides(G, place >> 2, place & 3, (a, b) => weight[9 * row + 3 * a + b]!);
  });
}

/** Tiles across, those that fill a row up included, and in all, those that fill the last panel included. */
function tilesOf(batch: number, height: number, width: number): { down: number; across: number; all: number } {
  const [down, across] = [Math.ceil(height / 2), Math.ceil(width / 8) * 4];
  return { down, across, all: Math.ceil((batch * down * across) / 8) * 8 };
}

/** (batch, channels, height, width) → 16 matrices (channels, tiles) as panels. */
export function winogradPatches(
  x: Numbers,
  batch: number,
  channels: number,
  height: number,
  width: number,
  padding: number,
): readonly Float64Array[] {
  const { down, across, all } = tilesOf(batch, height + 2 * padding - 2, width + 2 * padding - 2);
  return Array.from({ length: 16 }, (_, place) => {
    const matrix = generate(channels * all, (at) => {
      const [channel, tile] = [Math.floor(at / all), at % all];
      const image = Math.floor(tile / (down * across));
      const [top, left] = [(Math.floor(tile / across) % down) * 2 - padding, (tile % across) * 2 - padding];
      return onBothSides(B, place >> 2, place & 3, (a, b) => {
        const [row, column] = [top + a, left + b];
        const inside = image < batch && row >= 0 && row < height && column >= 0 && column < width;
        return inside ? x[((image * channels + channel) * height + row) * width + column]! : 0;
      });
    });
    return packPanels(matrix, channels, all, all, 1);
  });
}

/** A batch norm's constants, (channels) each. */
export interface Norm {
  readonly mean: Numbers;
  readonly variance: Numbers;
  readonly weight: Numbers;
  readonly bias: Numbers;
  readonly epsilon: number;
}

/** 16 products (channels, tiles), `stride` from one to the next → (batch, channels, height, width) */
export function winogradOutputs(
  products: Numbers,
  stride: number,
  { mean, variance, weight, bias, epsilon }: Norm,
  batch: number,
  channels: number,
  height: number,
  width: number,
  floor: number,
): Float64Array {
  const { down, across, all } = tilesOf(batch, height, width);
  return generate(batch * channels * height * width, (at) => {
    const [column, row] = [at % width, Math.floor(at / width) % height];
    const plane = Math.floor(at / width / height);
    const [image, channel] = [Math.floor(plane / channels), plane % channels];
    const tile = (image * down + (row >> 1)) * across + (column >> 1);
    const sum = onBothSides(A, row & 1, column & 1, (a, b) => products[(4 * a + b) * stride + channel * all + tile]!);
    const scale = weight[channel]! / Math.sqrt(variance[channel]! + epsilon);
    return Math.max(sum * scale + (bias[channel]! - mean[channel]! * scale), floor);
  });
}
