import type { M2M100Config } from "@x/models-nlp";
import { transposedWeight, type Weights } from "../weights.ts";
import { multiHeadAttention } from "./attention.ts";
import type { Value } from "./graph.ts";
import { ModelGraph } from "./layers.ts";

/** input_ids (1, N), decoder_input_ids (1, M), both without padding → logits (1, M, V): encoder, and decoder with all targets at once. */
export function m2m100Model(config: M2M100Config, weights: Weights, length: number, targets: number): Uint8Array<ArrayBuffer> {
  const { dModel, encoderLayers, decoderLayers, encoderAttentionHeads, decoderAttentionHeads, vocabSize } = config;
  const graph = new M2M100Graph(weights, config.layerNormEps);
  const table = weights.get("encoderEmbedding.weight");
  const rows = graph.weight("embedding", table.dims, table.data);
  const embed = (ids: Value, count: number): Value => {
    const scaled = graph.op("Mul", [graph.op("Gather", [rows, ids], { axis: 0 }), graph.scalar(Math.sqrt(dModel))]);
    const positions = sinusoids(config.padTokenId + 1, count, dModel);
    return graph.op("Add", [scaled, graph.weight(`positions.${ids}`, [count, dModel], positions)]);
  };

  let x = embed(graph.input("input_ids", [1, length], "int64"), length);
  for (let i = 0; i < encoderLayers; i++) {
    const path = `encoder.blocks.${i}`;
    x = graph.preNormBlock(x, path, (normed) => graph.selfAttention(normed, `${path}.mixer`, dModel, encoderAttentionHeads));
  }
  const memory = graph.norm(x, "encoder.norm");

  let y = embed(graph.input("decoder_input_ids", [1, targets], "int64"), targets);
  const causal = Float32Array.from({ length: targets ** 2 }, (_, at) => (at % targets > Math.floor(at / targets) ? -1e9 : 0));
  const earlier = graph.weight("causal", [1, 1, targets, targets], causal);
  for (let i = 0; i < decoderLayers; i++) {
    const path = `decoder.blocks.${i}`;
    const attended = graph.selfAttention(graph.norm(y, `${path}.norm1`), `${path}.selfAttention`, dModel, decoderAttentionHeads, earlier);
    const informed = graph.op("Add", [attended, y]);
    const looked = graph.look(graph.norm(informed, `${path}.norm2`), memory, `${path}.crossAttention`, dModel, decoderAttentionHeads);
    const mixed = graph.op("Add", [looked, informed]);
    y = graph.op("Add", [graph.feedForward(graph.norm(mixed, `${path}.norm3`), `${path}.mlp`), mixed]);
  }
  const words = transposedWeight(table);
  const logits = graph.op("MatMul", [graph.norm(y, "decoder.norm"), graph.weight("words", words.dims, words.data)]);
  graph.output(logits, "logits", [1, targets, vocabSize]);
  return graph.toBytes();
}

class M2M100Graph extends ModelGraph {
  override activation(x: Value): Value {
    return this.op("Relu", [x]);
  }

  /** Attention from x (B, M, D) to memory (B, N, D) → (B, M, D) */
  look(x: Value, memory: Value, path: string, hiddenSize: number, numHeads: number): Value {
    const query = this.linear(x, `${path}.query`);
    const [key = "", value = ""] = [0, 1].map((part) => this.linear(memory, `${path}.keyValue`, part * hiddenSize, hiddenSize));
    return this.linear(multiHeadAttention(this, query, key, value, numHeads), `${path}.proj`);
  }
}

/** Places from `first` on (count, D), in fairseq's way: all sines before all cosines, frequencies from 1 to 1/10000. */
function sinusoids(first: number, count: number, width: number): Float32Array {
  const half = width / 2;
  return Float32Array.from({ length: count * width }, (_, at) => {
    const [place, channel] = [first + Math.floor(at / width), at % width];
    const angle = place * 10000 ** (-(channel % half) / (half - 1));
    return channel < half ? Math.sin(angle) : Math.cos(angle);
  });
}
