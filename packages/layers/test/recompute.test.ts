/** Gradient checkpointing: the same gradients, dropout's draws included, in less memory. */
import { checkForLeaks, expectClose, normal } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import {
  backward,
  type AttentionContext,
  init,
  linear,
  liveBytes,
  LoRA,
  mean,
  Module,
  Parameter,
  type PostNormBlock,
  type PreNormBlock,
  relu,
  Rng,
  scope,
  square,
  type Tensor,
} from "../src/index.ts";
import { postNormBlock, preNormBlock, runBlocks, trainingStep } from "../src/model.ts";
import { recompute } from "../src/autograd/recompute.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

const config = { hiddenSize: 12, numAttentionHeads: 3, intermediateSize: 24, layerNormEps: 1e-6, hiddenAct: "gelu", qkvBias: true };

class Stack extends Module {
  readonly layouts = [];
  readonly blocks: readonly (PreNormBlock<AttentionContext> | PostNormBlock<AttentionContext>)[];

  constructor(kind: "pre" | "post", dropout: number, rng: Rng) {
    super();
    const dropouts = { hiddenDropoutProb: dropout, attentionProbsDropoutProb: dropout };
    const settings = { ...config, ...dropouts };
    this.blocks = Array.from({ length: 4 }, () => (kind === "pre" ? preNormBlock(settings, rng, dropout) : postNormBlock(settings, rng)));
  }
}

test.each([
  ["pre-norm", "pre", 0],
  ["pre-norm with dropout and DropPath", "pre", 0.3],
  ["post-norm with dropout", "post", 0.3],
] as const)("%s: the same loss and gradients, less memory", (_, kind, dropout) => {
  const found = (["kept", "recomputed"] as const).map((blocks) => {
    const rng = new Rng(3);
    using stack = new Stack(kind, dropout, rng).initialize(rng).train();
    for (const parameter of stack.parameters())
      if (parameter.shape.length === 1) parameter.data.forEach((value, i, data) => (data[i] = value + 0.01 * i));
    return trainingStep(
      () => {
        const x = normal([2, 40, 12], 1);
        x.requiresGrad = true;
        const before = liveBytes();
        const loss = mean(square(runBlocks(stack.blocks, x)));
        const memory = liveBytes() - before;
        backward(loss);
        const gradients = [x.grad, ...stack.parameters().map(({ grad }) => grad)].map((grad) => grad?.toTypedArray() ?? new Float32Array());
        x.grad?.dispose();
        x.grad = undefined;
        stack.zeroGrad();
        return { loss: loss.item(), gradients, memory, draws: rng.state };
      },
      blocks === "recomputed" ? recompute : undefined,
    );
  });
  const [kept, recomputed] = found as [(typeof found)[0], (typeof found)[0]];
  expect(recomputed.loss).toBeCloseTo(kept.loss, 5);
  expect(recomputed.draws).toBe(kept.draws);
  for (const [i, gradient] of recomputed.gradients.entries())
    expectClose(gradient, Float64Array.from(kept.gradients[i] ?? []), `gradient ${i}`, 1e-4);
  expect(kept.gradients.every(({ length }) => length > 0)).toBe(true);
  expect(recomputed.memory).toBeLessThan(kept.memory / 3);
});

test("a part without parameters of its own, and one whose input leads nowhere", () => {
  using weight = new Parameter([3, 3]);
  weight.data.set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  scope(() => {
    const x = normal([2, 3], 1);
    backward(mean(recompute((input) => relu(linear(input, weight)), x, [])));
    expect(weight.grad?.size).toBe(9);
    weight.zeroGrad();
    x.requiresGrad = true;
    backward(mean(recompute((input: Tensor) => square(input), x, [])));
    expectClose(
      x.grad?.toTypedArray() ?? [],
      Float64Array.from(x.data, (value) => value / 3),
      "x",
    );
    x.grad?.dispose();
  });
});

test("an adapter's dropout is among what a model draws from", () => {
  using stack = new Stack("pre", 0, new Rng(1)).initialize(new Rng(1));
  const rng = new Rng(8);
  const lora = LoRA.attach(stack as never, { rank: 2, dropout: 0.5, rng, targetModules: ["fc1"] });
  expect(stack.rngs()).toContain(rng);
  lora.detach();
});
