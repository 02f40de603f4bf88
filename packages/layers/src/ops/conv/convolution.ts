import { packedPanelsLength, packPatchesUnits } from "@x/core-wasm";
import { ShapeError } from "../../errors.ts";
import { engine } from "../../tensor/engine.ts";
import type { Shape } from "../../tensor/shape.ts";
import { empty } from "../../tensor/tensor.ts";
import { type Matrix, type MatrixProduct, multiplyMatrices } from "../matmul/matrix-product.ts";

export interface ConvOptions {
  /** Pixels from one output to the next. Default 1. */
  readonly stride?: number;
  /** Rows and columns of zeros around the image. Default 0. */
  readonly padding?: number;
}

/** Most numbers of columns that are held at a time, unless one image's are more: 32 MB. */
const MOST_COLUMNS = 1 << 23;

/** One convolution's sizes, and its matrix products, a few images at a time. Columns are (C·K·K, H'·W') for each image. */
export class Convolution {
  readonly outputShape: Shape;
  readonly #batch: number;
  /** Numbers in an image, in its output. */
  readonly #imageSize: number;
  readonly #outputSize: number;
  readonly #outChannels: number;
  /** C·K·K, the weight's columns. */
  readonly taps: number;
  /** H'·W'. */
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
    this.taps = channels * kernel ** 2;
    this.#outChannels = outChannels;
    this.#outputSize = outChannels * this.#places;
    this.#geometry = [height, width, kernel, stride, padding];
  }

  /** y = weight · columns. */
  forward(x: number, weight: number, y: number): void {
    this.#multiplyPatches(x, { pointer: weight, rowStride: this.taps, columnStride: 1 }, this.taps, y);
  }

  /** y = activation(weight · columns + bias (+ y)): the weight has one more column, which is the bias. */
  forwardWithBias(x: number, weight: number, y: number, epilogue: Pick<MatrixProduct, "activation" | "accumulate">): void {
    this.#multiplyPatches(x, { pointer: weight, rowStride: this.taps + 1, columnStride: 1 }, this.taps + 1, y, epilogue);
  }

  /** The patches under the kernel go into the panels that the product reads, a row of ones below them if k has room for it. */
  #multiplyPatches(x: number, a: Matrix, k: number, y: number, epilogue?: Pick<MatrixProduct, "activation" | "accumulate">): void {
    const batchStride = packedPanelsLength(k, this.#places);
    // A 1 × 1 kernel takes an image as a single row of pixels.
    const geometry = this.#isPointwise ? ([1, this.#places, 1, 1, 0] as const) : this.#geometry;
    this.#inParts(batchStride, (panels, first, count) => {
      const image = x + 4 * first * this.#imageSize;
      const units = packPatchesUnits(count, this.#places);
      engine().launch("packPatches", units, 8 * k, image, panels, this.#channels, ...geometry, k - this.taps);
      const product = { batch: count, m: this.#outChannels, k, n: this.#places, a, b: { panels, batchStride } };
      multiplyMatrices({ ...product, ...epilogue, y: y + 4 * first * this.#outputSize });
    });
  }

  /** dColumns = weightᵀ · dy, and each added to the pixel that it came from. */
  inputGradient(weight: number, dy: number, dx: number): void {
    this.#withColumns((columns, first, count) => {
      const image = dx + 4 * first * this.#imageSize;
      const a = { pointer: weight, rowStride: 1, columnStride: this.taps };
      const b = { pointer: dy + 4 * first * this.#outputSize, rowStride: this.#places, columnStride: 1, batchStride: this.#outputSize };
      const y = this.#isPointwise ? image : columns;
      multiplyMatrices({ batch: count, m: this.taps, k: this.#outChannels, n: this.#places, a, b, y });
      if (this.#isPointwise) return;
      engine().launch("col2im", count * this.#channels, (2 * this.taps * this.#places) / this.#channels, columns, image, ...this.#geometry);
    });
  }

  /** dw = Σ dy · columnsᵀ over the images. */
  weightGradient(x: number, dy: number, dw: number): void {
    if (this.#batch === 0) engine().launch("full", this.#outChannels * this.taps, 1, dw, 0);
    this.#withColumns((columns, first, count) => {
      const from = this.#columnsOf(x + 4 * first * this.#imageSize, columns, count);
      for (let i = 0; i < count; i++) {
        const a = { pointer: dy + 4 * (first + i) * this.#outputSize, rowStride: this.#places, columnStride: 1 };
        const b = { pointer: from + 4 * i * this.taps * this.#places, rowStride: 1, columnStride: this.#places };
        multiplyMatrices({ m: this.#outChannels, k: this.#places, n: this.taps, a, b, y: dw, accumulate: first + i > 0 });
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
    engine().launch("im2col", count * this.taps, 2 * this.#places, images, columns, ...this.#geometry);
    return columns;
  }

  /** Goes over the batch, lending memory for the columns of as many images as are done at once. */
  #withColumns(body: (columns: number, first: number, count: number) => void): void {
    this.#inParts(this.#isPointwise ? 0 : this.taps * this.#places, body);
  }

  /** Goes over the batch, lending `size` numbers for each of as many images as are done at once. */
  #inParts(size: number, body: (lent: number, first: number, count: number) => void): void {
    const atOnce = Math.min(this.#batch, Math.max(1, Math.floor(MOST_COLUMNS / Math.max(size, 1))));
    using lent = size > 0 ? empty([atOnce, size]) : undefined;
    for (let first = 0; first < this.#batch; first += atOnce) body(lent?.pointer ?? 0, first, Math.min(atOnce, this.#batch - first));
  }
}
