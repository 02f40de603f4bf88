import { relativePositionIndex, shiftMask, type SwinConfig, windowGrid } from "@x/models-vision";
import { sideOf } from "../side.ts";
import type { Weights } from "../weights.ts";
import type { Value } from "./graph.ts";
import { ModelGraph } from "./layers.ts";

/** images (1, C, H, W) → logits (1, numLabels). Every map must be a multiple of the window. */
export const swinModel = (config: SwinConfig, weights: Weights): Uint8Array<ArrayBuffer> =>
  swinGraph(config, new SwinGraph(weights, config.layerNormEps));

/** Either version of Swin: images (1, C, H, W) → logits (1, numLabels). @param graph an empty one */
export function swinGraph(config: SwinConfig, graph: SwinGraph): Uint8Array<ArrayBuffer> {
  const imageSize = sideOf(config.imageSize);
  const { numChannels, patchSize, embedDim, depths, numHeads, windowSize } = config;
  if (typeof windowSize !== "number") throw new Error("one window size for all stages is needed");
  const images = graph.input("images", [1, numChannels, imageSize, imageSize]);
  let side = imageSize / patchSize;
  let width = embedDim;
  let x = graph.norm(graph.patchEmbedding(images, 1, patchSize, width), "patchNorm");
  for (const [stage, depth] of depths.entries()) {
    if (stage > 0) {
      x = graph.merge(x, `stages.${stage}.downsample`, side, width);
      side /= 2;
      width *= 2;
    }
    for (let i = 0; i < depth; i++) {
      const shift = i % 2 === 1 && side > windowSize ? Math.floor(windowSize / 2) : 0;
      x = graph.block(x, `stages.${stage}.blocks.${i}`, { side, width, windowSize, shift, heads: numHeads[stage] ?? 1 });
    }
  }
  const pooled = graph.op("ReduceMean", [graph.norm(x, "norm"), graph.ints([1])], { keepdims: 0 });
  graph.output(graph.head(pooled), "logits", [1, config.numLabels]);
  return graph.toBytes();
}

/** What a block works on. */
export interface Place {
  /** Of the map, in tokens. */
  readonly side: number;
  readonly width: number;
  readonly windowSize: number;
  readonly shift: number;
  readonly heads: number;
}

/** What Swin has beyond the other models; tokens are (1, side², width). */
export class SwinGraph extends ModelGraph {
  block(x: Value, path: string, place: Place): Value {
    const bias = this.#scoreBias(path, place);
    return this.preNormBlock(x, path, (normed) =>
      this.inWindows(normed, place, (windows) => this.selfAttention(windows, `${path}.mixer`, place.width, place.heads, bias)),
    );
  }

  /** Tokens → windows (nW, M², width), through `attend`, and back to tokens. */
  protected inWindows(x: Value, { side, width, windowSize, shift }: Place, attend: (windows: Value) => Value): Value {
    const windows = this.partition(this.roll(x, side, width, -shift), side, width, windowSize);
    return this.roll(this.reverse(attend(windows), side, width, windowSize), side, width, shift);
  }

  /** The map turned round by `shift` rows and columns, as exporters write torch.roll. */
  roll(x: Value, side: number, width: number, shift: number): Value {
    if (shift === 0) return x;
    const cut = (side - shift) % side;
    let map = this.op("Reshape", [x, this.ints([1, side, side, width])]);
    for (const axis of [1, 2]) {
      const part = (begin: number, end: number): Value => this.op("Slice", [map, this.ints([begin]), this.ints([end]), this.ints([axis])]);
      map = this.op("Concat", [part(cut, side), part(0, cut)], { axis });
    }
    return this.op("Reshape", [map, this.ints([1, side ** 2, width])]);
  }

  /** → windows (nW, M², width) */
  partition(x: Value, side: number, width: number, window: number): Value {
    const split = this.op("Reshape", [x, this.ints([side / window, window, side / window, window, width])]);
    return this.op("Reshape", [this.op("Transpose", [split], { perm: [0, 2, 1, 3, 4] }), this.ints([-1, window ** 2, width])]);
  }

  /** windows (nW, M², width) → tokens */
  reverse(windows: Value, side: number, width: number, window: number): Value {
    const split = this.op("Reshape", [windows, this.ints([side / window, side / window, window, window, width])]);
    return this.op("Reshape", [this.op("Transpose", [split], { perm: [0, 2, 1, 3, 4] }), this.ints([1, side ** 2, width])]);
  }

  /** Patch merging: (1, side², width) → (1, side² / 4, 2 · width) */
  merge(x: Value, path: string, side: number, width: number): Value {
    return this.linear(this.norm(this.neighbourhoods(x, side, width), `${path}.norm`), `${path}.reduction`);
  }

  /** Each two by two tokens as one: (1, side² / 4, 4 · width) */
  protected neighbourhoods(x: Value, side: number, width: number): Value {
    const split = this.op("Reshape", [x, this.ints([side / 2, 2, side / 2, 2, width])]);
    const together = this.op("Transpose", [split], { perm: [0, 2, 3, 1, 4] }); // columns before rows
    return this.op("Reshape", [together, this.ints([1, side ** 2 / 4, 4 * width])]);
  }

  /** The relative position bias, and in shifted windows the mask with it: (1 or nW, heads, M², M²). */
  #scoreBias(path: string, place: Place): Value {
    const { windowSize, heads } = place;
    const table = this.weights.get(`${path}.mixer.relativePositionBiasTable`).data;
    const index = relativePositionIndex([windowSize, windowSize], windowSize);
    const mask = maskOf(place);
    const numWindows = mask.length / index.length;
    const data = new Float32Array(numWindows * heads * index.length);
    for (let at = 0; at < data.length; at++) {
      const pair = at % index.length;
      const head = Math.floor(at / index.length) % heads;
      const window = Math.floor(at / index.length / heads);
      data[at] = (table[(index[pair] ?? 0) * heads + head] ?? 0) + (mask[window * index.length + pair] ?? 0);
    }
    return this.weight(`${path}.scoreBias`, [numWindows, heads, windowSize ** 2, windowSize ** 2], data);
  }
}

/** Who may not see whom, (nW, M², M²), `times` added; zeros (1, M², M²) for windows that aren't shifted. */
export function maskOf({ side, windowSize, shift }: Place, times = 1): Float32Array {
  if (shift === 0) return new Float32Array(windowSize ** 4);
  return shiftMask(windowGrid([side, side], windowSize, shift, "huggingFace")).map((term) => times * term);
}
