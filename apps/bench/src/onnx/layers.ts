import { rowsOf, transposedWeight, type Weight, type Weights } from "../weights.ts";
import { multiHeadAttention } from "./attention.ts";
import { OnnxGraph, type Value } from "./graph.ts";

/**
 * Layers as Hugging Face's optimum exports them and onnxruntime.transformers.optimizer rewrites them: separate query, key and value, the erf form of
 * GELU in five nodes, which ONNX Runtime fuses itself. A layer is named by its path in our model, whose weights it takes.
 */
export class ModelGraph extends OnnxGraph {
  protected readonly weights: Weights;
  readonly #layerNormEps: number;

  constructor(weights: Weights, layerNormEps: number) {
    super();
    this.weights = weights;
    this.#layerNormEps = layerNormEps;
  }

  /** x · weightᵀ + bias, or of weight and bias only `count` rows from `first` on. */
  linear(x: Value, path: string, first?: number, count = 0): Value {
    const name = first === undefined ? path : `${path}.${first}`;
    const part = (weight: Weight): Weight => (first === undefined ? weight : rowsOf(weight, first, first + count));
    const matrix = transposedWeight(part(this.weights.get(`${path}.weight`)));
    const product = this.product(x, `${name}.weight`, matrix);
    if (!this.weights.has(`${path}.bias`)) return product;
    const bias = part(this.weights.get(`${path}.bias`));
    return this.op("Add", [this.weight(`${name}.bias`, bias.dims, bias.data), product]);
  }

  /** x · matrix, whose name is given. */
  protected product(x: Value, name: string, { dims, data }: Weight): Value {
    return this.op("MatMul", [x, this.weight(name, dims, data)]);
  }

  /** The last linear layer, on rows: (B, D) → (B, classes). */
  head(x: Value, path = "head"): Value {
    return this.op("Gemm", [x, this.parameter(`${path}.weight`), this.parameter(`${path}.bias`)], { transB: 1 });
  }

  norm(x: Value, path: string): Value {
    const attributes = { axis: -1, epsilon: { float: this.#layerNormEps } };
    const parameters = [`${path}.weight`, `${path}.bias`].filter((name) => this.weights.has(name)); // a bias may be missing
    return this.op("LayerNormalization", [x, ...parameters.map((name) => this.parameter(name))], attributes);
  }

  /** ½x(1 + erf(x / √2)) */
  gelu(x: Value): Value {
    const erf = this.op("Erf", [this.op("Div", [x, this.scalar(Math.SQRT2)])]);
    return this.op("Mul", [this.op("Mul", [x, this.op("Add", [erf, this.scalar(1)])]), this.scalar(0.5)]);
  }

  /** Of feed-forward layers. */
  protected activation(x: Value): Value {
    return this.gelu(x);
  }

  /** fc2(activation(fc1(x))) */
  feedForward(x: Value, path: string): Value {
    return this.linear(this.activation(this.linear(x, `${path}.fc1`)), `${path}.fc2`);
  }

  /** x (B, N, D) → (B, N, D). @param scoreBias added to the scores, (1 or B, heads, N, N) */
  selfAttention(x: Value, path: string, hiddenSize: number, numHeads: number, scoreBias?: Value): Value {
    const [query = "", key = "", value = ""] = [0, 1, 2].map((part) => this.linear(x, `${path}.qkv`, part * hiddenSize, hiddenSize));
    return this.linear(multiHeadAttention(this, query, key, value, numHeads, { scoreBias }), `${path}.proj`);
  }

  /** x + mixer(norm1(x)), then x + mlp(norm2(x)), each times a vector where there is LayerScale */
  preNormBlock(x: Value, path: string, mixer: (x: Value) => Value): Value {
    const mixed = this.op("Add", [this.#scaled(mixer(this.norm(x, `${path}.norm1`)), `${path}.scale1`), x]);
    const forwarded = this.feedForward(this.norm(mixed, `${path}.norm2`), `${path}.mlp`);
    return this.op("Add", [this.#scaled(forwarded, `${path}.scale2`), mixed]);
  }

  #scaled(x: Value, path: string): Value {
    return this.weights.has(`${path}.gamma`) ? this.op("Mul", [x, this.parameter(`${path}.gamma`)]) : x;
  }

  /** images (B, C, H, W) → patches (B, N, D), by a convolution. */
  patchEmbedding(images: Value, batch: number, patchSize: number, hiddenSize: number): Value {
    const strides = { kernel_shape: [patchSize, patchSize], strides: [patchSize, patchSize] };
    const grid = this.op("Conv", [images, this.parameter("patchEmbed.weight"), this.parameter("patchEmbed.bias")], strides);
    return this.op("Transpose", [this.op("Reshape", [grid, this.ints([batch, hiddenSize, -1])])], { perm: [0, 2, 1] });
  }

  /** One of the model's parameters as it lies. */
  parameter(path: string): Value {
    const { dims, data } = this.weights.get(path);
    return this.weight(path, dims, data);
  }
}
