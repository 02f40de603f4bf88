/** Layers put together, against PyTorch's own: blocks, patches, and the loss curve of a short training. */
import { checkForLeaks, expectClose, Golden } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Activation,
  AdamW,
  type AttentionContext,
  backward,
  clipGradientNorm,
  crossEntropy,
  Embedding,
  FeedForward,
  init,
  intTensor,
  LayerNorm,
  Linear,
  mean,
  Module,
  noGrad,
  PatchEmbedding,
  PostNormBlock,
  PreNormBlock,
  scope,
  SelfAttention,
  tensor,
  type Tensor,
} from "../src/index.ts";

let golden: Golden;
beforeAll(async () => {
  await init({ threads: 1 });
  golden = await Golden.read(new URL("../golden/layers.safetensors", import.meta.url));
});
checkForLeaks();

/** A model with every weight that the golden file has under a prefix. */
function loaded<M extends Module>(model: M, prefix: string): M {
  const paths = [...model.stateDict().keys()];
  scope(() => model.loadStateDict(new Map(paths.map((path) => [path, golden.tensor(`${prefix}.${path}`)] as const))));
  return model;
}

function expectGradients(model: Module, prefix: string): void {
  const found = [...model.namedParameters()].filter(([, { grad }]) => grad).map(([path]) => path);
  const expected = golden.names.filter((name) => name.startsWith(`${prefix}.grad.`)).map((name) => name.slice(prefix.length + 6));
  expect(found.sort()).toEqual(expected.sort());
  for (const [path, { grad }] of model.namedParameters())
    expectClose(grad?.data ?? [], golden.values(`${prefix}.grad.${path}`), `gradient of ${path}`);
}

const D = 12;

function block(kind: typeof PreNormBlock | typeof PostNormBlock, activation: "gelu" | "relu"): PreNormBlock<AttentionContext> {
  const mixer = new SelfAttention({ hiddenSize: D, numHeads: 3 });
  const mlp = new FeedForward({ hiddenSize: D, intermediateSize: 20, activation });
  return new kind({ hiddenSize: D, layerNormEps: 1e-6, mixer, mlp });
}

const hidden = -Infinity;
const causalMask = [0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => (j <= i ? 0 : hidden)));

describe.for([
  ["preNorm", PreNormBlock, "gelu"],
  ["postNorm", PostNormBlock, "relu"],
] as const)("%s: torch.nn.TransformerEncoderLayer", ([name, kind, activation]) => {
  test.for([
    ["no mask", "", () => ({})],
    ["causal", "Causal", () => ({ causal: true })],
    ["a mask", "Causal", () => ({ mask: tensor([causalMask]) })],
  ] as const)("%s: result, without a tape too, and every gradient", ([, suffix, context]) => {
    const prefix = `${name}${suffix}`;
    using layer = loaded(block(kind, activation), prefix);
    scope(() => {
      const x = golden.tensor(`${prefix}.x`);
      expectClose(noGrad(() => layer.forward(x, context())).data, golden.values(`${prefix}.y`), "y without a tape");
      x.requiresGrad = true;
      const y = layer.forward(x, context());
      expectClose(y.toTypedArray(), golden.values(`${prefix}.y`), "y");
      backward(y, golden.tensor(`${prefix}.dy`));
      expectClose(x.grad?.data ?? [], golden.values(`${prefix}.dx`), "dx");
      expectGradients(layer, prefix);
    });
  });
});

const feedForward = (activation: Activation) => () => new FeedForward({ hiddenSize: 6, intermediateSize: 11, activation });

const single: Readonly<Record<string, () => Module & { forward(x: Tensor): Tensor }>> = {
  linear: () => new Linear(7, 5),
  linearNoBias: () => new Linear(7, 5, { bias: false }),
  layerNorm: () => new LayerNorm(9, 1e-6),
  attention: () => new SelfAttention({ hiddenSize: 12, numHeads: 3 }),
  attentionNoBias: () => new SelfAttention({ hiddenSize: 12, numHeads: 3, qkvBias: false }),
  ...Object.fromEntries(
    (["relu", "gelu", "geluTanh", "silu", "tanh", "sigmoid"] as const).map((name) => [`feedForward.${name}`, feedForward(name)]),
  ),
};

test.for(Object.entries(single))("%s: PyTorch's result, without a tape too, and every gradient", ([prefix, make]) => {
  using layer = loaded(make(), prefix);
  scope(() => {
    const x = golden.tensor(`${prefix}.x`);
    expectClose(noGrad(() => layer.forward(x)).data, golden.values(`${prefix}.y`), "y without a tape");
    x.requiresGrad = true;
    const y = layer.forward(x);
    expect(y.shape).toEqual(golden.shape(`${prefix}.y`));
    expectClose(y.toTypedArray(), golden.values(`${prefix}.y`), "y");
    backward(y, golden.tensor(`${prefix}.dy`));
    expectClose(x.grad?.data ?? [], golden.values(`${prefix}.dx`), "dx");
    expectGradients(layer, prefix);
  });
});

test("Embedding: rows by id, and gradients added up where an id comes twice", () => {
  using layer = loaded(new Embedding(7, 4), "embedding");
  scope(() => {
    const ids = intTensor(golden.values("embedding.x"), golden.shape("embedding.x"));
    const y = layer.forward(ids);
    expect(y.shape).toEqual([2, 3, 4]);
    expectClose(y.toTypedArray(), golden.values("embedding.y"), "y", 0);
    backward(y, golden.tensor("embedding.dy"));
    expectGradients(layer, "embedding");
  });
});

test("PatchEmbedding is torch.nn.Conv2d of stride = kernel", () => {
  using layer = loaded(new PatchEmbedding(3, 4, 10), "patch");
  scope(() => {
    const x = golden.tensor("patch.x");
    expectClose(noGrad(() => layer.forward(x)).data, golden.values("patch.y"), "y without a tape");
    x.requiresGrad = true;
    const y = layer.forward(x);
    expect(y.shape).toEqual([2, 6, 10]);
    expectClose(y.toTypedArray(), golden.values("patch.y"), "y");
    backward(y, golden.tensor("patch.dy"));
    expectClose(x.grad?.data ?? [], golden.values("patch.dx"), "dx");
    expectGradients(layer, "patch");
  });
});

class Classifier extends Module {
  readonly embedding = new Embedding(11, D);
  readonly block = block(PreNormBlock, "gelu");
  readonly norm = new LayerNorm(D, 1e-6);
  readonly head = new Linear(D, 4);

  forward(ids: Tensor<"int32">): Tensor {
    const tokens = this.block.forward(this.embedding.forward(ids), {});
    return this.head.forward(mean(this.norm.forward(tokens), 1));
  }
}

test("ten steps of a tiny classifier: PyTorch's loss curve and weights", () => {
  using model = loaded(new Classifier(), "classifier").train();
  using optimizer = new AdamW(model.parameters(), { learningRate: 0.01, weightDecay: 0.05 });
  const losses = Array.from({ length: 10 }, () =>
    scope(() => {
      const ids = intTensor(golden.values("classifier.ids"), golden.shape("classifier.ids"));
      const loss = crossEntropy(model.forward(ids), intTensor(golden.values("classifier.labels"), [6]), { labelSmoothing: 0.1 });
      backward(loss);
      clipGradientNorm(model.parameters(), 1);
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    }),
  );
  expectClose(losses, golden.values("classifier.losses"), "losses");
  expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) - 0.1);
  expectClose(model.head.weight.toTypedArray(), golden.values("classifier.trainedHead"), "the head's weights", 1e-4);
});
