/**
 * ViT as Hugging Face's optimum exports it and onnxruntime.transformers.optimizer rewrites it: separate query, key and value, the erf form of
 * GELU in five nodes, which ONNX Runtime fuses itself.
 */
import type { ViTConfig } from "@x/models-vision";
import { rowsOf, transposedWeight, type Weight, type Weights } from "../weights.ts";
import { multiHeadAttention } from "./attention.ts";
import { OnnxGraph, type Value } from "./graph.ts";

/** images (B, C, H, W) → logits (B, numLabels) */
export function viTModel(config: ViTConfig, weights: Weights, batch: number): Uint8Array<ArrayBuffer> {
  const graph = new OnnxGraph();
  const images = graph.input("images", [batch, config.numChannels, config.imageSize, config.imageSize]);
  graph.output(new ViTGraph(graph, config, weights).logits(images, batch), "logits", [batch, config.numLabels]);
  return graph.toBytes();
}

class ViTGraph {
  readonly #graph: OnnxGraph;
  readonly #config: ViTConfig;
  readonly #weights: Weights;

  constructor(graph: OnnxGraph, config: ViTConfig, weights: Weights) {
    this.#graph = graph;
    this.#config = config;
    this.#weights = weights;
  }

  logits(images: Value, batch: number): Value {
    const graph = this.#graph;
    let x = this.#embed(images, batch);
    for (let i = 0; i < this.#config.numHiddenLayers; i++) x = this.#block(x, `blocks.${i}`);
    const cls = graph.op("Gather", [this.#norm(x, "norm"), graph.index(0)], { axis: 1 });
    return graph.op("Gemm", [cls, this.#weight("head.weight"), this.#weight("head.bias")], { transB: 1 });
  }

  /** A convolution, the class token in front, positions. */
  #embed(images: Value, batch: number): Value {
    const graph = this.#graph;
    const { hiddenSize, patchSize } = this.#config;
    const strides = { kernel_shape: [patchSize, patchSize], strides: [patchSize, patchSize] };
    const grid = graph.op("Conv", [images, this.#weight("patchEmbed.weight"), this.#weight("patchEmbed.bias")], strides);
    const patches = graph.op("Transpose", [graph.op("Reshape", [grid, graph.ints([batch, hiddenSize, -1])])], { perm: [0, 2, 1] });
    const cls = graph.op("Expand", [this.#weight("clsToken"), graph.ints([batch, 1, hiddenSize])]);
    return graph.op("Add", [graph.op("Concat", [cls, patches], { axis: 1 }), this.#weight("posEmbed")]);
  }

  #block(x: Value, path: string): Value {
    const graph = this.#graph;
    const mixed = graph.op("Add", [this.#attention(this.#norm(x, `${path}.norm1`), `${path}.mixer`), x]);
    const inner = this.#gelu(this.#linear(this.#norm(mixed, `${path}.norm2`), `${path}.mlp.fc1`));
    return graph.op("Add", [this.#linear(inner, `${path}.mlp.fc2`), mixed]);
  }

  #attention(x: Value, path: string): Value {
    const { hiddenSize, numAttentionHeads } = this.#config;
    const [query = "", key = "", value = ""] = [0, 1, 2].map((part) => this.#linear(x, `${path}.qkv`, part * hiddenSize, hiddenSize));
    return this.#linear(multiHeadAttention(this.#graph, query, key, value, numAttentionHeads), `${path}.proj`);
  }

  /** x · weightᵀ + bias, or of weight and bias only `count` rows from `first` on. */
  #linear(x: Value, path: string, first?: number, count = 0): Value {
    const graph = this.#graph;
    const name = first === undefined ? path : `${path}.${first}`;
    const part = (weight: Weight): Weight => (first === undefined ? weight : rowsOf(weight, first, first + count));
    const matrix = transposedWeight(part(this.#weights.get(`${path}.weight`)));
    const bias = part(this.#weights.get(`${path}.bias`));
    const product = graph.op("MatMul", [x, graph.weight(`${name}.weight`, matrix.dims, matrix.data)]);
    return graph.op("Add", [graph.weight(`${name}.bias`, bias.dims, bias.data), product]);
  }

  #norm(x: Value, path: string): Value {
    const attributes = { axis: -1, epsilon: { float: this.#config.layerNormEps } };
    return this.#graph.op("LayerNormalization", [x, this.#weight(`${path}.weight`), this.#weight(`${path}.bias`)], attributes);
  }

  /** ½x(1 + erf(x / √2)) */
  #gelu(x: Value): Value {
    const graph = this.#graph;
    const erf = graph.op("Erf", [graph.op("Div", [x, graph.scalar(Math.SQRT2)])]);
    return graph.op("Mul", [graph.op("Mul", [x, graph.op("Add", [erf, graph.scalar(1)])]), graph.scalar(0.5)]);
  }

  #weight(path: string): Value {
    const { dims, data } = this.#weights.get(path);
    return this.#graph.weight(path, dims, data);
  }
}
