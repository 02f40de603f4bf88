/** Training gives the same bits on any number of threads, dropout included. */
import { expectClose, normal } from "@x/testing";
import { afterEach, expect, test } from "vitest";
import {
  AdamW,
  type AttentionContext,
  backward,
  clipGradientNorm,
  crossEntropy,
  DropPath,
  FeedForward,
  init,
  intTensor,
  Linear,
  mean,
  Module,
  PatchEmbedding,
  PreNormBlock,
  Rng,
  scope,
  SelfAttention,
  shutdown,
  type Tensor,
} from "../src/index.ts";
import { engine } from "../src/model.ts";

afterEach(() => shutdown());

/** Large enough that most kernels have work for several threads. */
class Model extends Module {
  readonly patchEmbed = new PatchEmbedding(3, 4, 48);
  readonly block: PreNormBlock<AttentionContext>;
  readonly head = new Linear(48, 10);

  constructor(rng: Rng) {
    super();
    const mixer = new SelfAttention({ hiddenSize: 48, numHeads: 3, dropout: 0.1, rng });
    const mlp = new FeedForward({ hiddenSize: 48, intermediateSize: 192, activation: "gelu", dropout: 0.1, rng });
    this.block = new PreNormBlock({ hiddenSize: 48, layerNormEps: 1e-6, mixer, mlp, dropPath: new DropPath(0.2, rng) });
  }

  forward(images: Tensor): Tensor {
    return this.head.forward(mean(this.block.forward(this.patchEmbed.forward(images), {}), 1)); // (B, 10)
  }
}

/** Three steps of training: the losses, and the weights in the end. */
async function trained(threads: number, simd: "plain" | "relaxed"): Promise<{ losses: number[]; weights: Float32Array[] }> {
  await init({ threads, simd });
  expect(engine().threads).toBe(threads);
  using model = new Model(new Rng(1)).initialize(new Rng(2)).train();
  using optimizer = new AdamW(model.parameters(), { learningRate: 0.01 });
  const losses = [1, 2, 3].map((step) =>
    scope(() => {
      const labels = intTensor([0, 1, 2, 3, 4, 5, 6, 7]);
      const loss = crossEntropy(model.forward(normal([8, 3, 32, 32], step)), labels);
      backward(loss);
      clipGradientNorm(model.parameters(), 1);
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    }),
  );
  const weights = model.parameters().map((parameter) => parameter.toTypedArray());
  shutdown();
  return { losses, weights };
}

test.for(["plain", "relaxed"] as const)("%s: one, two and three threads", async (simd) => {
  const alone = await trained(1, simd);
  expect(alone.losses.every(Number.isFinite)).toBe(true);
  expect(await trained(2, simd)).toEqual(alone);
  expect(await trained(3, simd)).toEqual(alone);
});

test("the plain and the relaxed build differ by rounding only", async () => {
  const [plain, relaxed] = [await trained(1, "plain"), await trained(1, "relaxed")];
  expectClose(relaxed.losses, plain.losses, "losses", 1e-5);
});
