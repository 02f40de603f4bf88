import { at, type Block, winogradTiles } from "@x/core-wasm";
import { engine, kernels } from "../../tensor/engine.ts";
import type { Parameter } from "../../tensor/parameter.ts";
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
  const size = outChannels * channels;
  const a = { rows: weight.block.derived("winograd", transformed).as("float32"), batchStride: size };
  const atOnce = Math.max(1, Math.floor(MOST_NUMBERS / (PLACES * winogradTiles(1, down, across) * (channels + outChannels))));

  for (let first = 0; first < batch; first += atOnce) {
    const count = Math.min(atOnce, batch - first);
    const tiles = winogradTiles(count, down, across);
    using patches = empty([PLACES, channels * tiles + APART]);
    using products = empty([PLACES, outChannels * tiles + APART]);
    const [[, panelsStride = 0], [, productsStride = 0]] = [patches.shape, products.shape];
    const images = at(x, first * channels * height * width);
    kernels().winogradPatches({ x: images, panels: patches, batch: count, channels, height, width, padding, panelsStride });
    const b = { panels: patches, batchStride: panelsStride };
    multiplyMatrices({ batch: PLACES, m: outChannels, k: channels, n: tiles, a, b, y: products, yBatchStride: productsStride });
    const outputs = { y: at(y, first * outChannels * down * across), batch: count, channels: outChannels, height: down, width: across };
    const { mean, variance, weight: scale, bias, eps: epsilon } = norm;
    kernels().winogradOutputs({ products, productsStride, mean, variance, weight: scale, bias, ...outputs, epsilon, floor });
  }

  /** 16 matrices (out, C), packed as the product reads them. */
  function transformed(): Block {
    using matrices = empty([PLACES, size]);
    kernels().winogradKernels({ weight, y: matrices, rows: size });
    const packed = engine().allocate(4 * PLACES * size);
    const rows = packed.as("float32");
    for (let i = 0; i < PLACES; i++) {
      const sizes = { m: outChannels, k: channels, rowStride: channels, columnStride: 1 };
      kernels().packRows({ a: at(matrices, i * size), rows: at(rows, i * size), ...sizes });
    }
    return packed;
  }
}
