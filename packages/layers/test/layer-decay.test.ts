/** Groups for fine-tuning: rates fall from the head down, whatever the model. */
import { beforeAll, expect, test } from "vitest";
import { init, layerDecayGroups, Linear, Module } from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));

class Inner extends Module {
  readonly embeddings = new Linear(2, 2);
  readonly blocks = [new Linear(2, 2), new Linear(2, 2)];
  readonly pooler = new Linear(2, 2);
}
class Outer extends Module {
  readonly encoder = new Inner();
  readonly head = new Linear(2, 1, { bias: false });
}

test("what stands before the blocks learns slowest, what stands behind them with the full rate", () => {
  using model = new Outer();
  const groups = layerDecayGroups(model, { layerDecay: 0.5, weightDecay: 0.1 });
  const [embeddings, block0, block1, pooler, head] = [model.encoder.embeddings, ...model.encoder.blocks, model.encoder.pooler, model.head];
  expect(groups).toEqual([
    ...[embeddings, block0, block1].flatMap((layer, i) => [
      { parameters: [layer?.weight], weightDecay: 0.1, learningRateScale: 0.5 ** (3 - i) },
      { parameters: [layer?.bias], weightDecay: 0, learningRateScale: 0.5 ** (3 - i) },
    ]),
    { parameters: [pooler?.weight, head?.weight], weightDecay: 0.1, learningRateScale: 1 },
    { parameters: [pooler?.bias], weightDecay: 0, learningRateScale: 1 },
  ]);
  model.encoder.blocks.forEach((block) => block.setRequiresGrad(false));
  expect(layerDecayGroups(model).map(({ learningRateScale }) => learningRateScale)).toEqual([0.75 ** 3, 0.75 ** 3, 1, 1]);
});

test("a model without blocks, or with two rows of them, is refused", () => {
  using plain = new Linear(2, 2);
  expect(() => layerDecayGroups(plain)).toThrow("layerDecayGroups: the model must have one row of blocks, but has 0");
  class Two extends Module {
    readonly halves = [new Inner(), new Inner()];
  }
  using two = new Two();
  expect(() => layerDecayGroups(two)).toThrow("has 2");
});
