import { relativePositionIndex, shiftMask, type SwinConfig, windowGrid } from "@x/models-vision";
import type { Weights } from "../weights.ts";
import type { Value } from "./graph.ts";
import { ModelGraph } from "./layers.ts";

/** images (1, C, H, W) → logits (1, numLabels). Every map must be a multiple of the window. */
export function swinModel(config: SwinConfig, weights: Weights): Uint8Array<ArrayBuffer> {
  const { numChannels, imageSize, patchSize, embedDim, depths, numHeads, windowSize } = config;
  if (typeof windowSize !== "number") throw new Error("one window size for all stages is needed");
  const graph = new SwinGraph(weights, config.layerNormEps);
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
      const path = `stages.${stage}.blocks.${i}`;
      const shift = i % 2 === 1 && side > windowSize ? Math.floor(windowSize / 2) : 0;
      const bias = scoreBias(graph, weights, path, { side, windowSize, shift, heads: numHeads[stage] ?? 1 });
      x = graph.preNormBlock(x, path, (normed) => {
        const windows = graph.partition(graph.roll(normed, side, width, -shift), side, width, windowSize);
        const attended = graph.selfAttention(windows, `${path}.mixer`, width, numHeads[stage] ?? 1, bias);
        return graph.roll(graph.reverse(attended, side, width, windowSize), side, width, shift);
      });
    }
  }
  const pooled = graph.op("ReduceMean", [graph.norm(x, "norm"), graph.ints([1])], { keepdims: 0 });
  graph.output(graph.head(pooled), "logits", [1, config.numLabels]);
  return graph.toBytes();
}

/** What Swin has beyond the other models; tokens are (1, side², width). */
class SwinGraph extends ModelGraph {
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
    const split = this.op("Reshape", [x, this.ints([side / 2, 2, side / 2, 2, width])]);
    const together = this.op("Transpose", [split], { perm: [0, 2, 3, 1, 4] }); // columns before rows
    const merged = this.op("Reshape", [together, this.ints([1, side ** 2 / 4, 4 * width])]);
    return this.linear(this.norm(merged, `${path}.norm`), `${path}.reduction`);
  }
}

/** The relative position bias, and in shifted windows the mask with it: (1 or nW, heads, M², M²). */
function scoreBias(
  graph: ModelGraph,
  weights: Weights,
  path: string,
  {
    side,
    windowSize,
    shift,
    heads,
  }: { readonly side: number; readonly windowSize: number; readonly shift: number; readonly heads: number },
): Value {
  const table = weights.get(`${path}.mixer.relativePositionBiasTable`).data;
  const index = relativePositionIndex([windowSize, windowSize], windowSize);
  const mask = shift > 0 ? shiftMask(windowGrid([side, side], windowSize, shift, "huggingFace")) : new Float32Array(index.length);
  const numWindows = mask.length / index.length;
  const data = new Float32Array(numWindows * heads * index.length);
  for (let at = 0; at < data.length; at++) {
    const pair = at % index.length;
    const head = Math.floor(at / index.length) % heads;
    const window = Math.floor(at / index.length / heads);
    data[at] = (table[(index[pair] ?? 0) * heads + head] ?? 0) + (mask[window * index.length + pair] ?? 0);
  }
  return graph.weight(`${path}.scoreBias`, [numWindows, heads, windowSize ** 2, windowSize ** 2], data);
}
