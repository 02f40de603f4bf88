import { layerNorm, noGrad, tensor, type Tensor } from "@x/layers";
import type { Case, Contender, Suite } from "../case.ts";
import { OnnxGraph } from "../onnx/graph.ts";
import { normal } from "../random.ts";
import { layerNormOf } from "../tfjs/layer-norm.ts";

const EPS = 1e-6;
/** One after the other in a run, so that copying into and out of a library doesn't drown the work. */
const DEPTH = 16;

export const layerNormSuite: Suite = ({ quick }) =>
  (quick
    ? [[16, 64]]
    : [
        [197, 768],
        [1576, 768],
      ]
  ).map(([rows = 0, columns = 0]) => layerNormCase(rows, columns));

function layerNormCase(rows: number, columns: number): Case {
  return {
    name: `layer-norm ${rows}×${columns}`,
    thorough: true,
    repetitions: DEPTH,
    tolerance: 1e-5,
    prepare: () => {
      const x = normal(rows * columns, 1);
      const weight = normal(columns, 2, { mean: 1, deviation: 0.1 });
      const bias = normal(columns, 3, { deviation: 0.1 });
      const chain = <T>(first: T, norm: (x: T) => T): T => Array.from({ length: DEPTH }).reduce<T>((y) => norm(y), first);
      return {
        ours: ours(x, [rows, columns], weight, bias, chain),
        onnx: {
          inputs: { x: { dims: [rows, columns], data: x } },
          model: () => {
            const graph = new OnnxGraph();
            const [w, b] = [graph.weight("weight", [columns], weight), graph.weight("bias", [columns], bias)];
            const norm = (y: string): string => graph.op("LayerNormalization", [y, w, b], { axis: -1, epsilon: EPS });
            graph.output(chain(graph.input("x", [rows, columns]), norm), "y", [rows, columns]);
            return graph.toBytes();
          },
        },
        tensorFlow: (tf) => {
          const [w, b] = [tf.tensor(weight), tf.tensor(bias)];
          return () => chain(tf.tensor(x, [rows, columns]), (y) => layerNormOf(tf, y, w, b, EPS));
        },
      };
    },
  };
}

function ours(
  x: Float32Array,
  shape: readonly number[],
  weightValues: Float32Array,
  biasValues: Float32Array,
  chain: (first: Tensor, norm: (x: Tensor) => Tensor) => Tensor,
): Contender {
  const [weight, bias] = [tensor(weightValues), tensor(biasValues)];
  return {
    name: "ours",
    run: () => noGrad(() => chain(tensor(x, shape), (y) => layerNorm(y, weight, bias, EPS)).toTypedArray()),
    dispose: () => {
      weight.dispose();
      bias.dispose();
    },
  };
}
