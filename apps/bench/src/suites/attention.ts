import { noGrad, selfAttention, tensor } from "@x/layers";
import type { Case, Suite } from "../case.ts";
import { multiHeadAttention } from "../onnx/attention.ts";
import { OnnxGraph } from "../onnx/graph.ts";
import { normal } from "../random.ts";
import { selfAttentionOf } from "../tfjs/attention.ts";

interface Size {
  readonly batch: number;
  readonly length: number;
  readonly width: number;
  readonly numHeads: number;
}

/** ViT-B/16 on one image and on eight, BERT-base at its longest, MiniLM on a short sentence. */
const sizes: readonly Size[] = [
  { batch: 1, length: 197, width: 768, numHeads: 12 },
  { batch: 8, length: 197, width: 768, numHeads: 12 },
  { batch: 1, length: 512, width: 768, numHeads: 12 },
  { batch: 1, length: 16, width: 384, numHeads: 12 },
];

export const attentionSuite: Suite = ({ quick }) => (quick ? [{ batch: 2, length: 17, width: 64, numHeads: 4 }] : sizes).map(attentionCase);

function attentionCase({ batch, length, width, numHeads }: Size): Case {
  const shape = [batch, length, 3 * width] as const;
  return {
    name: `attention ${batch}×${length}×${width}, ${numHeads} heads`,
    flops: 4 * batch * length ** 2 * width,
    tolerance: 1e-5,
    thorough: batch > 1 || length > 197,
    prepare: () => {
      const qkv = normal(batch * length * 3 * width, 1);
      return {
        ours: { name: "ours", run: () => noGrad(() => selfAttention(tensor(qkv, shape), { numHeads }).toTypedArray()) },
        onnx: {
          inputs: { qkv: { dims: shape, data: qkv } },
          model: () => {
            const graph = new OnnxGraph();
            const [query = "", key = "", value = ""] = graph.ops("Split", [graph.input("qkv", shape)], 3, { axis: -1, num_outputs: 3 });
            graph.output(multiHeadAttention(graph, query, key, value, numHeads), "y", [batch, length, width]);
            return graph.toBytes();
          },
        },
        tensorFlow: (tf) => () => selfAttentionOf(tf, tf.tensor3d(qkv, [...shape]), numHeads),
      };
    },
  };
}
