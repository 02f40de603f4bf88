import { record } from "../autograd/record.ts";
import { ShapeError } from "../errors.ts";
import { engine } from "../tensor/engine.ts";
import type { Shape } from "../tensor/shape.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";
import { add } from "./arithmetic.ts";
import { multiplyMatrices } from "./matrix-product.ts";
import { reshape } from "./reshape.ts";

export interface ConvOptions {
  /** Pixels from one output to the next. Default 1. */
  readonly stride?: number;
  /** Rows and columns of zeros around the image. Default 0. */
  readonly padding?: number;
}

/**
 * Two-dimensional convolution (cross-correlation, as in all libraries): x (B, C, H, W), weight (out, C, K, K), bias (out) →
 * (B, out, H', W') with H' = ⌊(H + 2 · padding − K) / stride⌋ + 1, W' alike. Done as matrix products over the pixels under the kernel.
 * @throws ShapeError when the channels or bias don't fit, the kernel isn't square, or the image is smaller than it
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, { stride = 1, padding = 0 }: ConvOptions = {}): Tensor {
  const conv = new Convolution(x.shape, weight.shape, bias?.shape, stride, padding);
  const y = empty(conv.outputShape);
  conv.forward(x.pointer, weight.pointer, y.pointer);
  record("conv2d", y, [x, weight], (dy) => [
    () => {
      const dx = empty(x.shape);
      conv.inputGradient(weight.pointer, dy.pointer, dx.pointer);
      return dx;
    },
    () => {
      const dw = empty(weight.shape);
      conv.weightGradient(x.pointer, dy.pointer, dw.pointer);
      return dw;
    },
  ]);
  return bias ? add(y, reshape(bias, [-1, 1, 1])) : y;
}

/** Most numbers of columns that are held at a time, unless one image's are more: 32 MB. */
const MOST_COLUMNS = 1 << 23;

/** One convolution's sizes, and its matrix products, a few images at a time. Columns are (C·K·K, H'·W') for each image. */
class Convolution {
  readonly outputShape: Shape;
  readonly #batch: number;
  /** Numbers in an image, in its output. */
  readonly #imageSize: number;
  readonly #outputSize: number;
  readonly #outChannels: number;
  /** C·K·K and H'·W'. */
  readonly #taps: number;
  readonly #places: number;
  readonly #channels: number;
  /** What im2col and col2im take. */
  readonly #geometry: readonly [height: number, width: number, kernel: number, stride: number, padding: number];

  constructor(x: Shape, weight: Shape, bias: Shape | undefined, stride: number, padding: number) {
    const [batch = 0, channels = 0, height = 0, width = 0] = x;
    const [outChannels = 0, weightChannels, kernel = 0, kernelWidth] = weight;
    const outputs = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
    const fits =
      x.length === 4 &&
      weight.length === 4 &&
      weightChannels === channels &&
      kernelWidth === kernel &&
      kernel > 0 &&
      stride >= 1 &&
      padding >= 0;
    const biasFits = !bias || (bias.length === 1 && bias[0] === outChannels);
    if (!fits || !biasFits || ![stride, padding].every(Number.isInteger) || outputs(height) < 1 || outputs(width) < 1) {
      const rule = `x must be (B, C, H, W), weight (out, C, K, K), bias (out), and K fit into the image with stride ${stride} and padding ${padding}`;
      throw new ShapeError("conv2d", rule, { x, weight, bias });
    }
    this.outputShape = [batch, outChannels, outputs(height), outputs(width)];
    this.#batch = batch;
    this.#channels = channels;
    this.#imageSize = channels * height * width;
    this.#places = outputs(height) * outputs(width);
    this.#taps = channels * kernel ** 2;
    this.#outChannels = outChannels;
    this.#outputSize = outChannels * this.#places;
    this.#geometry = [height, width, kernel, stride, padding];
  }

  /** y = weight · columns. */
  forward(x: number, weight: number, y: number): void {
    this.#withColumns((columns, first, count) => {
      const from = this.#columnsOf(x + 4 * first * this.#imageSize, columns, count);
      const a = { pointer: weight, rowStride: this.#taps, columnStride: 1 };
      const b = { pointer: from, rowStride: this.#places, columnStride: 1, batchStride: this.#taps * this.#places };
      multiplyMatrices({ batch: count, m: this.#outChannels, k: this.#taps, n: this.#places, a, b, y: y + 4 * first * this.#outputSize });
    });
  }

  /** dColumns = weightᵀ · dy, and each added to the pixel that it came from. */
  inputGradient(weight: number, dy: number, dx: number): void {
    this.#withColumns((columns, first, count) => {
      const image = dx + 4 * first * this.#imageSize;
      const a = { pointer: weight, rowStride: 1, columnStride: this.#taps };
      const b = { pointer: dy + 4 * first * this.#outputSize, rowStride: this.#places, columnStride: 1, batchStride: this.#outputSize };
      const y = this.#isPointwise ? image : columns;
      multiplyMatrices({ batch: count, m: this.#taps, k: this.#outChannels, n: this.#places, a, b, y });
      if (this.#isPointwise) return;
      engine().launch(
        "col2im",
        count * this.#channels,
        (2 * this.#taps * this.#places) / this.#channels,
        columns,
        image,
        ...this.#geometry,
      );
    });
  }

  /** dw = Σ dy · columnsᵀ over the images. */
  weightGradient(x: number, dy: number, dw: number): void {
    if (this.#batch === 0) engine().launch("fill", this.#outChannels * this.#taps, 1, dw, 0);
    this.#withColumns((columns, first, count) => {
      const from = this.#columnsOf(x + 4 * first * this.#imageSize, columns, count);
      for (let i = 0; i < count; i++) {
        const a = { pointer: dy + 4 * (first + i) * this.#outputSize, rowStride: this.#places, columnStride: 1 };
        const b = { pointer: from + 4 * i * this.#taps * this.#places, rowStride: 1, columnStride: this.#places };
        multiplyMatrices({ m: this.#outChannels, k: this.#places, n: this.#taps, a, b, y: dw, accumulate: first + i > 0 });
      }
    });
  }

  /** A 1 × 1 kernel over every pixel: an image is its own columns. */
  get #isPointwise(): boolean {
    const [, , kernel, stride, padding] = this.#geometry;
    return kernel === 1 && stride === 1 && padding === 0;
  }

  /** The address of `count` images' columns: the images' own, or `columns` after filling it. */
  #columnsOf(images: number, columns: number, count: number): number {
    if (this.#isPointwise) return images;
    engine().launch("im2col", count * this.#taps, 2 * this.#places, images, columns, ...this.#geometry);
    return columns;
  }

  /** Goes over the batch, lending memory for the columns of as many images as are done at once. */
  #withColumns(body: (columns: number, first: number, count: number) => void): void {
    const size = this.#taps * this.#places;
    const atOnce = Math.min(this.#batch, Math.max(1, Math.floor(MOST_COLUMNS / Math.max(size, 1))));
    using columns = this.#isPointwise ? undefined : empty([atOnce, size]);
    for (let first = 0; first < this.#batch; first += atOnce) {
      body(columns?.pointer ?? 0, first, Math.min(atOnce, this.#batch - first));
    }
  }
}
