import { packRowsUnits, winogradScratch, winogradTiles } from "@x/core-wasm";
import { engine } from "../../tensor/engine.ts";
import type { Parameter } from "../../tensor/parameter.ts";
import { Storage } from "../../tensor/storage.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import type { FoldedNorm } from "../norm/batch-norm.ts";
import { multiplyMatrices } from "../matmul/matrix-product.ts";

/** Places of a tile, each with a matrix product of its own. */
const PLACES = 16;

/** Most numbers that tiles and products take, unless one image's are more: 32 MB. */
const MOST_NUMBERS = 1 << 23;

/**
 * Numbers between the matrices of two places. A kernel goes over all of them at once; with a multiple of 4 KiB from each to the next, as channels and
 * tiles make it, they would push each other out of the first cache: four times as slow.
 */
const APART = 48;

export interface WinogradOptions {
  readonly padding: number;
  /** Least value of y: 0 for a ReLU, −∞ for none. */
  readonly floor: number;
}

/**
 * y = max(norm(conv(x)), floor) for 3 × 3 kernels and stride 1 with 16 multiplications where 36 are usual: F(2×2, 3×3) of Lavin & Gray 2016, as
 * winograd.ts among the kernels has it. The weight keeps its transform. x (B, C, H, W), weight (out, C, 3, 3), y (B, out, H', W'); all of it fits.
 */
export function winogradConvolution(x: Tensor, weight: Parameter, norm: FoldedNorm, y: Tensor, { padding, floor }: WinogradOptions): void {
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  const [, outChannels = 0, down = 0, across = 0] = y.shape;
  const core = engine();
  const a = { rows: weight.derived(transformed), batchStride: outChannels * channels };
  const atOnce = Math.max(1, Math.floor(MOST_NUMBERS / (PLACES * winogradTiles(1, down, across) * (channels + outChannels))));

  for (let first = 0; first < batch; first += atOnce) {
    const count = Math.min(atOnce, batch - first);
    const tiles = winogradTiles(count, down, across);
    using patches = empty([PLACES, channels * tiles + APART]);
    using products = empty([PLACES, outChannels * tiles + APART]);
    const [[, batchStride = 0], [, yBatchStride = 0]] = [patches.shape, products.shape];
    // prettier-ignore
    core.launchWithScratch("winogradPatches", count * channels, 8 * height * width, winogradScratch(across),
      x.pointer + 4 * first * channels * height * width, patches.pointer, count, channels, height, width, padding, batchStride);
    const b = { panels: patches.pointer, batchStride };
    multiplyMatrices({ batch: PLACES, m: outChannels, k: channels, n: tiles, a, b, y: products.pointer, yBatchStride });
    // prettier-ignore
    core.launch("winogradOutputs", count * outChannels, 6 * down * across,
      products.pointer, norm.mean.pointer, norm.variance.pointer, norm.weight.pointer, norm.bias.pointer,
      y.pointer + 4 * first * outChannels * down * across, yBatchStride, count, outChannels, down, across, norm.eps, floor);
  }

  /** 16 matrices (out, C), packed as the product reads them. */
  function transformed(kernels: Storage): Storage {
    const size = outChannels * channels;
    using matrices = empty([PLACES, size]);
    core.launch("winogradKernels", size, 32, kernels.pointer, matrices.pointer, size);
    const packed = new Storage(kernels.core, 4 * PLACES * size);
    for (let offset = 0; offset < 4 * PLACES * size; offset += 4 * size) {
      const [from, to] = [matrices.pointer + offset, packed.pointer + offset];
      core.launch("packRows", packRowsUnits(outChannels), 12 * channels, from, to, outChannels, channels, channels, 1);
    }
    return packed;
  }
}
