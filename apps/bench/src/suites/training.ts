/** What training costs: gradients beside other libraries, and a whole step beside our own forward pass. */
import {
  AdamW,
  backward,
  crossEntropy,
  intTensor,
  linear,
  mean,
  type Module,
  noGrad,
  Parameter,
  scope,
  square,
  tensor,
  type Tensor,
} from "@x/layers";
import { type BertConfig, BertForSequenceClassification, bertPreset } from "@x/models-nlp";
import { ViT, type ViTConfig, viTPreset } from "@x/models-vision";
import type { Case, Suite } from "../case.ts";
import { normal, transposed } from "../random.ts";
import { sideOf } from "../side.ts";

export const trainingSuite: Suite = ({ quick }) =>
  quick
    ? [
        feedForward(16, 32, 64),
        viTStep("ViT-Ti/16, 1 layer, 32 px", { ...viTPreset("ViT-Ti/16"), numHiddenLayers: 1, imageSize: 32 }, 2),
        bertStep("BERT, 1 layer", { hiddenSize: 32, intermediateSize: 64, numAttentionHeads: 2, numHiddenLayers: 1, vocabSize: 100 }, 2, 8),
      ]
    : [feedForward(512, 768, 3072), viTStep("ViT-B/16", viTPreset("ViT-B/16"), 8), bertStep("BERT-Base", bertPreset("BERT-Base"), 8, 128)];

/** d mean(y²) of y = relu(x · w1 + b1) · w2 + b2, by every input: x (N, D), w1 (D, I), w2 (I, D). Compared is the gradient of x. */
export function feedForward(tokens: number, width: number, inner: number): Case {
  return {
    name: `feed-forward ${width}→${inner}→${width}, forward and backward, ${tokens} tokens`,
    flops: 3 * 4 * tokens * width * inner,
    thorough: true,
    tolerance: 1e-4,
    prepare: () => {
      const x = normal(tokens * width, 1);
      const [w1, w2] = [normal(width * inner, 2, { deviation: width ** -0.5 }), normal(width * inner, 3, { deviation: inner ** -0.5 })];
      const [b1, b2] = [normal(inner, 4), normal(width, 5)];
      // Ours multiplies with (out, in), which is how checkpoints hold weights; peers with (in, out).
      const [first, second] = [new Parameter([inner, width]), new Parameter([width, inner])];
      const [firstBias, secondBias, input] = [new Parameter([inner]), new Parameter([width]), new Parameter([tokens, width])];
      first.data.set(transposed(w1, width, inner));
      second.data.set(transposed(w2, inner, width));
      firstBias.data.set(b1);
      secondBias.data.set(b2);
      const parameters = [first, second, firstBias, secondBias, input];
      return {
        ours: {
          name: "ours",
          run: () =>
            scope(() => {
              input.data.set(x);
              const y = linear(linear(input, first, firstBias, { activation: "relu" }), second, secondBias);
              backward(mean(square(y)));
              const gradient = input.grad?.toTypedArray();
              for (const parameter of parameters) parameter.zeroGrad();
              return gradient;
            }),
          dispose: () => {
            for (const parameter of parameters) parameter.dispose();
          },
        },
        tensorFlow: (tf) => {
          const weights = [tf.tensor2d(w1, [width, inner]), tf.tensor1d(b1), tf.tensor2d(w2, [inner, width]), tf.tensor1d(b2)];
          const gradients = tf.grads((given, a, bias1, b, bias2) => {
            const hidden = tf.relu(tf.add(tf.matMul(given as never, a as never), bias1 as never));
            return tf.mean(tf.square(tf.add(tf.matMul(hidden as never, b as never), bias2 as never)));
          });
          return () => gradients([tf.tensor2d(x, [tokens, width]), ...weights])[0] as never;
        },
        jax: ({ grad, jit, numpy: np, nn }) => {
          const array = (data: Float32Array, shape: number[]) => np.array(data.slice() as Float32Array<ArrayBuffer>).reshape(shape);
          const weights = [array(w1, [width, inner]), array(b1, [inner]), array(w2, [inner, width]), array(b2, [width])] as const;
          const loss = (given: NumpyArray, a: NumpyArray, bias1: NumpyArray, b: NumpyArray, bias2: NumpyArray): NumpyArray =>
            np.mean(np.square(np.matmul(nn.relu(np.matmul(given, a).add(bias1)), b).add(bias2)));
          const gradients = jit(grad(loss, { argnums: [0, 1, 2, 3, 4] }));
          return async () => {
            const [a, bias1, b, bias2] = weights.map((weight) => weight.ref) as [NumpyArray, NumpyArray, NumpyArray, NumpyArray];
            const [dx, ...rest] = gradients(array(x, [tokens, width]), a, bias1, b, bias2);
            for (const other of rest) other?.dispose();
            return (await dx?.data()) as Float32Array;
          };
        },
      };
    },
  };
}

type NumpyArray = import("@jax-js/jax").Array;

/** Forward, backward and AdamW of a whole model. Baseline: its forward pass. */
interface Training {
  readonly name: string;
  /** What pytorch-step.py is told; none where it has no such size. */
  readonly pyTorch: readonly string[] | undefined;
  readonly prepare: () => Promise<{ readonly model: Module; readonly logits: () => Tensor; readonly labels: () => Tensor<"int32"> }>;
}

function step({ name, pyTorch, prepare }: Training): Case {
  return {
    name,
    tolerance: 1,
    thorough: true,
    prepare: async () => {
      const { model, logits, labels } = await prepare();
      const optimizer = new AdamW(model.parameters(), { learningRate: 1e-5 });
      const run = (): undefined =>
        scope(() => {
          model.train();
          backward(crossEntropy(logits(), labels()));
          optimizer.step();
          optimizer.zeroGrad();
          return undefined;
        });
      const forward = (): undefined => {
        model.eval();
        noGrad(() => void logits());
        return undefined;
      };
      const dispose = (): void => {
        optimizer.dispose();
        model.dispose();
      };
      return { ours: { name: "ours", run, dispose }, pyTorch, baselines: [{ name: "self forward", run: forward }] };
    },
  };
}

const zeros = (length: number) => (): Tensor<"int32"> => intTensor(new Int32Array(length), [length]);

const viTStep = (name: string, given: Partial<ViTConfig>, batch: number): Case =>
  step({
    name: `${name} training step, batch ${batch}`,
    pyTorch: name === "ViT-B/16" ? ["vit", String(batch)] : undefined,
    prepare: async () => {
      const vit = await ViT.fromConfig(given);
      const side = sideOf(vit.config.imageSize);
      const pixels = normal(batch * 3 * side ** 2, 1);
      return { model: vit, logits: () => vit.forward(tensor(pixels, [batch, 3, side, side])), labels: zeros(batch) };
    },
  });

/** Fine-tuning to tell texts apart. */
const bertStep = (name: string, given: Partial<BertConfig>, batch: number, length: number): Case =>
  step({
    name: `${name} training step, ${batch} × ${length} tokens`,
    pyTorch: name === "BERT-Base" ? ["bert", String(batch), String(length)] : undefined,
    prepare: async () => {
      const bert = await BertForSequenceClassification.fromConfig(given);
      const ids = Int32Array.from({ length: batch * length }, (_, i) => (i * 7919) % bert.config.vocabSize);
      return { model: bert, logits: () => bert.forward({ inputIds: intTensor(ids, [batch, length]) }), labels: zeros(batch) };
    },
  });
