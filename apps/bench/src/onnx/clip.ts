import type { CLIPResNetConfig, CLIPTextConfig, CLIPVisionConfig } from "@x/clip";
import type { Weights } from "../weights.ts";
import type { OnnxGraph, Value } from "./graph.ts";
import { ModelGraph } from "./layers.ts";

/** images (1, C, S, S) → features (1, E), of the weights of CLIP's Vision Transformer. */
export function clipVisionModel(config: CLIPVisionConfig, weights: Weights, embedding: number): Uint8Array<ArrayBuffer> {
  const { numChannels, imageSize, patchSize, hiddenSize } = config;
  const graph = new ModelGraph(weights, config.layerNormEps);
  const images = graph.input("pixel_values", [1, numChannels, imageSize, imageSize]);
  const strides = { kernel_shape: [patchSize, patchSize], strides: [patchSize, patchSize] };
  const grid = graph.op("Conv", [images, graph.parameter("patchEmbed.weight")], strides);
  const patches = graph.op("Transpose", [graph.op("Reshape", [grid, graph.ints([1, hiddenSize, -1])])], { perm: [0, 2, 1] });
  const cls = graph.op("Reshape", [graph.parameter("clsToken"), graph.ints([1, 1, hiddenSize])]);
  const x = graph.op("Add", [graph.op("Concat", [cls, patches], { axis: 1 }), graph.parameter("posEmbed")]);
  const tokens = blocks(graph, config, graph.norm(x, "normPre"));
  const pooled = graph.norm(graph.op("Gather", [tokens, graph.index(0)], { axis: 1 }), "norm");
  graph.output(graph.linear(pooled, "proj"), "features", [1, embedding]);
  return graph.toBytes();
}

/** ids (1, N), the last of which is [EOS] → features (1, E), of the weights of CLIP's text encoder. */
export function clipTextModel(config: CLIPTextConfig, weights: Weights, length: number, embedding: number): Uint8Array<ArrayBuffer> {
  const graph = new ModelGraph(weights, config.layerNormEps);
  const ids = graph.input("input_ids", [1, length], "int64");
  const words = graph.op("Gather", [graph.parameter("tokenEmbed.weight"), ids], { axis: 0 });
  const { data } = weights.get("posEmbed");
  const positions = graph.weight("positions", [length, config.hiddenSize], data.subarray(0, length * config.hiddenSize));
  const causal = Float32Array.from({ length: config.numAttentionHeads * length ** 2 }, (_, i) => {
    const [query, key] = [Math.floor(i / length) % length, i % length];
    return key > query ? -1e9 : 0;
  });
  const bias = graph.weight("causal", [1, config.numAttentionHeads, length, length], causal);
  const tokens = blocks(graph, config, graph.op("Add", [words, positions]), bias);
  const end = graph.norm(graph.op("Gather", [tokens, graph.index(length - 1)], { axis: 1 }), "norm");
  graph.output(graph.linear(end, "proj"), "features", [1, embedding]);
  return graph.toBytes();
}

type Sizes = Pick<CLIPTextConfig, "numHiddenLayers" | "hiddenSize" | "numAttentionHeads">;

/** Pre-norm blocks with QuickGELU, x · sigmoid(1.702x), in the two nodes that ONNX Runtime fuses. */
function blocks(graph: ModelGraph, { numHiddenLayers, hiddenSize, numAttentionHeads }: Sizes, tokens: Value, bias?: Value): Value {
  let x = tokens;
  for (let i = 0; i < numHiddenLayers; i++) {
    const path = `blocks.${i}`;
    const attended = graph.selfAttention(graph.norm(x, `${path}.norm1`), `${path}.mixer`, hiddenSize, numAttentionHeads, bias);
    const mixed = graph.op("Add", [attended, x]);
    const inner = graph.linear(graph.norm(mixed, `${path}.norm2`), `${path}.mlp.fc1`);
    const gate = graph.op("Sigmoid", [graph.op("Mul", [inner, graph.scalar(1.702)])]);
    x = graph.op("Add", [graph.linear(graph.op("Mul", [inner, gate]), `${path}.mlp.fc2`), mixed]);
  }
  return x;
}

/** images (1, C, S, S) → the last feature map (1, 32 · width, S / 32, S / 32) of CLIP's ResNet; batch norms as nodes, which ONNX Runtime folds into the convolutions. */
export function clipResNetModel({ numChannels, imageSize, width, layers }: CLIPResNetConfig, weights: Weights): Uint8Array<ArrayBuffer> {
  const graph = new ModelGraph(weights, 1e-5);
  const net = new ResNetGraph(graph);
  let x = graph.input("pixel_values", [1, numChannels, imageSize, imageSize]);
  x = net.relu(net.convolution(x, "conv1", "bn1", { kernel: 3, stride: 2 }));
  x = net.relu(net.convolution(x, "conv2", "bn2", { kernel: 3 }));
  x = net.pool(net.relu(net.convolution(x, "conv3", "bn3", { kernel: 3 })), 2);
  for (const [stage, depth] of layers.entries()) {
    for (let block = 0; block < depth; block++)
      x = net.bottleneck(x, `stages.${stage}.blocks.${block}`, stage > 0 && block === 0 ? 2 : 1, block === 0);
  }
  const side = imageSize / 32;
  graph.output(x, "map", [1, 32 * width, side, side]);
  return graph.toBytes();
}

class ResNetGraph {
  readonly #graph: OnnxGraph & Pick<ModelGraph, "parameter">;

  constructor(graph: ModelGraph) {
    this.#graph = graph;
  }

  convolution(x: Value, conv: string, norm: string, { kernel, stride = 1 }: { readonly kernel: number; readonly stride?: number }): Value {
    const padding = kernel === 3 ? 1 : 0;
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] };
    const y = this.#graph.op("Conv", [x, this.#graph.parameter(`${conv}.weight`)], attributes);
    const statistics = ["weight", "bias", "runningMean", "runningVar"].map((name) => this.#graph.parameter(`${norm}.${name}`));
    return this.#graph.op("BatchNormalization", [y, ...statistics], { epsilon: { float: 1e-5 } });
  }

  relu(x: Value): Value {
    return this.#graph.op("Relu", [x]);
  }

  pool(x: Value, stride: number): Value {
    return stride === 1 ? x : this.#graph.op("AveragePool", [x], { kernel_shape: [stride, stride], strides: [stride, stride] });
  }

  bottleneck(x: Value, path: string, stride: number, changes: boolean): Value {
    const part = (input: Value, number: number, kernel: number): Value =>
      this.convolution(input, `${path}.conv${number}`, `${path}.bn${number}`, { kernel });
    const seen = this.relu(part(this.relu(part(x, 1, 1)), 2, 3));
    const wide = part(this.pool(seen, stride), 3, 1);
    const short = changes ? this.convolution(this.pool(x, stride), `${path}.shortcut.conv`, `${path}.shortcut.norm`, { kernel: 1 }) : x;
    return this.relu(this.#graph.op("Add", [wide, short]));
  }
}
