import { at, packedPanelsLength } from "@x/core-wasm";
import { ShapeError } from "../../errors.ts";
import { type RulesOf, wholeFrom } from "../../options.ts";
import { kernels } from "../../tensor/engine.ts";
import type { Shape } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { type Matrix, type MatrixProduct, multiplyMatrices } from "../matmul/matrix-product.ts";

export interface ConvOptions {
  /** Pixels from one output to the next. Default 1. */
  readonly stride?: number | undefined;
  /** Rows and columns of zeros around the image. Default 0. */
  readonly padding?: number | undefined;
}

export const convRules: RulesOf<ConvOptions> = { stride: wholeFrom(1), padding: wholeFrom(0) };

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
  readonly #geometry: Geometry;

  constructor(x: Shape, weight: Shape, bias: Shape | undefined, stride: number, padding: number) {
    const [batch = 0, channels = 0, height = 0, width = 0] = x;
    const [outChannels = 0, weightChannels, kernel = 0, kernelWidth] = weight;
    const outputs = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
    const fits = x.length === 4 && weight.length === 4 && weightChannels === channels && kernelWidth === kernel && kernel > 0;
    const biasFits = !bias || (bias.length === 1 && bias[0] === outChannels);
    if (!fits || !biasFits || outputs(height) < 1 || outputs(width) < 1) {
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
    this.#geometry = { height, width, kernel, stride, padding };
  }

  /** y = weight · columns. */
  forward(x: Tensor, weight: Tensor, y: Tensor): void {
    this.#multiplyPatches(x, { first: weight, rowStride: this.taps, columnStride: 1 }, this.taps, y);
  }

  /** y = activation(weight · columns + bias (+ y)): the weight has one more column, which is the bias. */
  forwardWithBias(x: Tensor, weight: Tensor, y: Tensor, epilogue: Pick<MatrixProduct, "activation" | "accumulate">): void {
    this.#multiplyPatches(x, { first: weight, rowStride: this.taps + 1, columnStride: 1 }, this.taps + 1, y, epilogue);
  }

  /** The patches under the kernel go into the panels that the product reads, a row of ones below them if k has room for it. */
  #multiplyPatches(x: Tensor, a: Matrix, k: number, y: Tensor, epilogue?: Pick<MatrixProduct, "activation" | "accumulate">): void {
    const batchStride = packedPanelsLength(k, this.#places);
    // A 1 × 1 kernel takes an image as a single row of pixels.
    const geometry = this.#isPointwise ? { height: 1, width: this.#places, kernel: 1, stride: 1, padding: 0 } : this.#geometry;
    this.#inParts(batchStride, (panels, first, batch) => {
      const patches = { batch, channels: this.#channels, ...geometry, ones: k > this.taps };
      kernels().packPatches({ x: at(x, first * this.#imageSize), panels, ...patches });
      const product = { batch, m: this.#outChannels, k, n: this.#places, a, b: { panels, batchStride } };
      multiplyMatrices({ ...product, ...epilogue, y: at(y, first * this.#outputSize) });
    });
  }

  /** dColumns = weightᵀ · dy, and each added to the pixel that it came from. */
  inputGradient(weight: Tensor, dy: Tensor, dx: Tensor): void {
    this.#withColumns((columns, first, count) => {
      const image = at(dx, first * this.#imageSize);
      const a = { first: weight, rowStride: 1, columnStride: this.taps };
      const b = { first: at(dy, first * this.#outputSize), rowStride: this.#places, columnStride: 1, batchStride: this.#outputSize };
      const y = columns ?? image;
      multiplyMatrices({ batch: count, m: this.taps, k: this.#outChannels, n: this.#places, a, b, y });
      if (columns) kernels().col2im({ columns, x: image, planes: count * this.#channels, ...this.#geometry });
    });
  }

  /** dw = Σ dy · columnsᵀ over the images. */
  weightGradient(x: Tensor, dy: Tensor, dw: Tensor): void {
    if (this.#batch === 0) dw.data.fill(0);
    this.#withColumns((columns, first, count) => {
      const images = at(x, first * this.#imageSize);
      if (columns) kernels().im2col({ x: images, columns, planes: count * this.#channels, ...this.#geometry });
      for (let i = 0; i < count; i++) {
        const a = { first: at(dy, (first + i) * this.#outputSize), rowStride: this.#places, columnStride: 1 };
        const b = { first: at(columns ?? images, i * this.taps * this.#places), rowStride: 1, columnStride: this.#places };
        multiplyMatrices({ m: this.#outChannels, k: this.#places, n: this.taps, a, b, y: dw, accumulate: first + i > 0 });
      }
    });
  }

  /** A 1 × 1 kernel over every pixel: an image is its own columns. */
  get #isPointwise(): boolean {
    const { kernel, stride, padding } = this.#geometry;
    return kernel === 1 && stride === 1 && padding === 0;
  }

  /** Goes over the batch, lending memory for the columns of as many images as are done at once; none where an image is its own columns. */
  #withColumns(body: (columns: Tensor | undefined, first: number, count: number) => void): void {
    if (!this.#isPointwise) this.#inParts(this.taps * this.#places, body);
    else if (this.#batch > 0) body(undefined, 0, this.#batch);
  }

  /** Goes over the batch, lending `size` numbers for each of as many images as are done at once. */
  #inParts(size: number, body: (lent: Tensor, first: number, count: number) => void): void {
    const atOnce = Math.min(this.#batch, Math.max(1, Math.floor(MOST_COLUMNS / Math.max(size, 1))));
    using lent = empty([atOnce, size]);
    for (let first = 0; first < this.#batch; first += atOnce) body(lent, first, Math.min(atOnce, this.#batch - first));
  }
}

interface Geometry {
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}
