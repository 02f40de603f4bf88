/**
 * Linear layers in int8 against ONNX Runtime's, and against ourselves in float32. Everybody rounds weights and activations in their own way, so outputs agree only
 * as far as rounding lets them: the tolerances are about twice our largest difference from our own float32, which is checked too.
 */
import { intTensor, Linear, noGrad, quantize, tensor } from "@x/layers";
import { BertEncoder, type BertConfig, bertPreset } from "@x/models-nlp";
import type { Case, Contender, Suite } from "../case.ts";
import { bertModel } from "../onnx/bert.ts";
import { OnnxGraph } from "../onnx/graph.ts";
import { Int8Graph, int8Product, quantizedInput } from "../onnx/int8.ts";
import { normal, transposed } from "../random.ts";
import { Weights } from "../weights.ts";

/** (M, K) · (K, N) → (M, N) */
type Size = readonly [m: number, k: number, n: number];

/** Linear layers of BERT-base at 128 tokens, and of MiniLM at 16. */
const sizes: readonly Size[] = [
  [128, 768, 768],
  [128, 768, 3072],
  [128, 3072, 768],
  [16, 384, 1536],
];

export const int8Suite: Suite = ({ quick }) =>
  quick
    ? [
        linearCase([16, 64, 96]),
        bertCase("BERT, 1 layer", { hiddenSize: 64, intermediateSize: 128, numAttentionHeads: 4, numHiddenLayers: 1, vocabSize: 100 }, 8),
      ]
    : [...sizes.map(linearCase), bertCase("BERT-Base", bertPreset("BERT-Base"), 128)];

function linearCase(size: Size): Case {
  const [m, k, n] = size;
  return {
    name: `matmul int8 ${size.join("×")}`,
    flops: 2 * m * k * n,
    dtype: "int8",
    thorough: true,
    tolerance: 0.03,
    prepare: () => {
      const [x, weight] = [normal(m * k, 1), normal(k * n, 2)]; // weight (K, N)
      const contender = (name: string, prepare: (layer: Linear) => Linear): Contender => {
        const layer = new Linear(k, n, { bias: false });
        layer.weight.data.set(transposed(weight, k, n));
        prepare(layer);
        const run = (): Float32Array => noGrad(() => layer.forward(tensor(x, [m, k])).toTypedArray());
        return { name, run, dispose: () => layer.dispose() };
      };
      return {
        ours: contender("ours", quantize),
        onnx: {
          inputs: { x: { dims: [m, k], data: x } },
          model: () => {
            const graph = new OnnxGraph();
            const product = int8Product(graph, quantizedInput(graph, graph.input("x", [m, k])), "weight", { dims: [k, n], data: weight });
            graph.output(product, "y", [m, n]);
            return graph.toBytes();
          },
        },
        baselines: [contender("self float32", (layer) => layer)],
      };
    },
  };
}

function bertCase(name: string, config: Partial<BertConfig>, length: number): Case {
  return {
    name: `${name} int8, 1 × ${length} tokens`,
    dtype: "int8",
    tolerance: 0.1,
    prepare: async () => {
      const [bert, float32] = [await BertEncoder.fromConfig(config), await BertEncoder.fromConfig(config)]; // of the same seed
      const weights = new Weights(float32);
      const ids = Int32Array.from({ length }, (_, i) => (i * 7919) % bert.config.vocabSize);
      const dims = [1, length];
      const contender = (who: string, model: BertEncoder): Contender => ({
        name: who,
        run: () => noGrad(() => model.encode({ inputIds: intTensor(ids, dims) }).toTypedArray()),
        dispose: () => model.dispose(),
      });
      return {
        ours: contender("ours", quantize(bert)),
        onnx: {
          inputs: { input_ids: { dims, data: BigInt64Array.from(ids, BigInt) } },
          model: () => bertModel(bert.config, weights, 1, length, { Graph: Int8Graph }),
        },
        baselines: [contender("self float32", float32)],
      };
    },
  };
}
