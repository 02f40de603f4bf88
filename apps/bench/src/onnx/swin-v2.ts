import { relativePositionIndex, type SwinV2Config } from "@x/models-vision";
import type { Weights } from "../weights.ts";
import { multiHeadAttention } from "./attention.ts";
import type { Value } from "./graph.ts";
import { type Place, maskOf, SwinGraph, swinGraph } from "./swin.ts";

/** images (1, C, H, W) → logits (1, numLabels). Every map must be a multiple of the window, and windows what they were trained for. */
export const swinV2Model = (config: SwinV2Config, weights: Weights): Uint8Array<ArrayBuffer> =>
  swinGraph(config, new SwinV2Graph(weights, config.layerNormEps));

/** Norms on what branches give, attention by cosines, and biases from a small network, which ONNX Runtime works out when it loads them. */
class SwinV2Graph extends SwinGraph {
  override block(x: Value, path: string, place: Place): Value {
    const bias = this.#scoreBias(path, place);
    const attended = this.inWindows(x, place, (windows) => this.#cosineAttention(windows, `${path}.mixer`, place, bias));
    const mixed = this.op("Add", [this.norm(attended, `${path}.norm1`), x]);
    return this.op("Add", [this.norm(this.feedForward(mixed, `${path}.mlp`), `${path}.norm2`), mixed]);
  }

  override merge(x: Value, path: string, side: number, width: number): Value {
    return this.norm(this.linear(this.neighbourhoods(x, side, width), `${path}.reduction`), `${path}.norm`);
  }

  /** windows (nW, M², C) → (nW, M², C): queries and keys of length 1, queries times a scale for each head. */
  #cosineAttention(windows: Value, path: string, { width, heads }: Place, bias: Value): Value {
    const part = (number: number): Value => this.linear(windows, `${path}.qkv`, number * width, width);
    const direction = (x: Value): Value => {
      const split = this.op("Reshape", [x, this.ints([0, 0, heads, width / heads])]); // (nW, M², h, d)
      const length = this.op("ReduceL2", [split, this.ints([-1])], { keepdims: 1 });
      return this.op("Div", [split, this.op("Max", [length, this.scalar(1e-12)])]);
    };
    const whole = (x: Value): Value => this.op("Reshape", [x, this.ints([0, 0, width])]);
    const scale = this.op("Exp", [this.op("Min", [this.parameter(`${path}.logitScale`), this.scalar(Math.log(100))])]); // (h, 1, 1)
    const scaled = this.op("Mul", [
      direction(this.op("Add", [part(0), this.parameter(`${path}.queryBias`)])),
      this.op("Reshape", [scale, this.ints([heads, 1])]),
    ]);
    const value = this.op("Add", [part(2), this.parameter(`${path}.valueBias`)]);
    const attended = multiHeadAttention(this, whole(scaled), whole(direction(part(1))), value, heads, { scoreBias: bias, scale: 1 });
    return this.linear(attended, `${path}.proj`);
  }

  /** 16 · sigmoid of the network's two layers, for each pair in a window, and in shifted windows the mask with it: (1 or nW, heads, M², M²). */
  #scoreBias(path: string, place: Place): Value {
    const { windowSize, heads } = place;
    const [network, area] = [`${path}.mixer.positionBias`, windowSize ** 2];
    const count = 2 * windowSize - 1;
    const spaced = (offset: number): number => (Math.sign(offset) * Math.log2(1 + Math.abs((8 * offset) / (windowSize - 1)))) / 3;
    const data = Float32Array.from({ length: 2 * count ** 2 }, (_, at) => {
      const [pair, axis] = [Math.floor(at / 2), at % 2];
      return spaced((axis === 0 ? Math.floor(pair / count) : pair % count) - windowSize + 1);
    });
    const offsets = this.weight(`${network}.offsets`, [count ** 2, 2], data);
    const inner = this.op("Gemm", [offsets, this.parameter(`${network}.weight1`), this.parameter(`${network}.bias1`)], { transB: 1 });
    const biases = this.op("Sigmoid", [this.op("Gemm", [this.op("Relu", [inner]), this.parameter(`${network}.weight2`)], { transB: 1 })]);
    const pairs = this.op("Gather", [biases, this.ints([...relativePositionIndex([windowSize, windowSize], windowSize)])], { axis: 0 });
    const apart = this.op("Reshape", [this.op("Mul", [pairs, this.scalar(16)]), this.ints([1, area, area, heads])]);
    const bias = this.op("Transpose", [apart], { perm: [0, 3, 1, 2] });
    const mask = maskOf(place, 2); // Hugging Face adds its mask twice
    return place.shift > 0 ? this.op("Add", [bias, this.weight(`${path}.mask`, [mask.length / area ** 2, 1, area, area], mask)]) : bias;
  }
}
