/** The training loop: what a step does, and when it stops. */
import { checkForLeaks } from "@x/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  AdamW,
  type AdamWOptions,
  add,
  BatchNorm2d,
  Dropout,
  DropPath,
  exp,
  full,
  init,
  Linear,
  log,
  Module,
  multiply,
  noGrad,
  ones,
  Parameter,
  reshape,
  Rng,
  SelfAttention,
  SGD,
  square,
  sum,
  type Tensor,
  train,
  type TrainOptions,
  zeros,
} from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

test("train() steps by each step's own gradient", async () => {
  const weight = new Parameter([1]);
  weight.data.set([10]);
  using optimizer = new SGD([weight], { learningRate: 1 });
  const seen: number[] = [];
  await train({ optimizer, steps: 3, loss: () => sum(weight), onStep: ({ loss }) => seen.push(loss) });
  expect(seen).toEqual([10, 9, 8]);
  expect(weight.item()).toBe(7);
  weight.dispose();
});

test("train() stops before a loss that is no number spoils anything, and at a signal", async () => {
  const weight = new Parameter([1]);
  weight.data.set([2]);
  using optimizer = new AdamW([weight], { learningRate: 0.1 });
  const spoilt = (): Tensor => sum(add(weight, full([1], Number.NaN)));
  await expect(train({ optimizer, steps: 3, loss: spoilt })).rejects.toThrow(
    "train: the loss is NaN at step 1; try a lower learning rate or maxGradientNorm",
  );
  expect(weight.item()).toBe(2);
  const controller = new AbortController();
  const steps: number[] = [];
  const stopping = train({
    optimizer,
    steps: 9,
    loss: () => sum(square(weight)),
    signal: controller.signal,
    onStep: ({ step }) => {
      steps.push(step);
      if (step === 2) controller.abort(new Error("enough"));
    },
  });
  await expect(stopping).rejects.toThrow("enough");
  expect(steps).toEqual([1, 2]);
  weight.dispose();
});

/** 0, with a gradient that isn't a number. */
const spoiling = (weight: Tensor): Tensor => sum(exp(log(square(multiply(weight, zeros(weight.shape))))));

test.each([undefined, 1])("a gradient that is no number spoils nothing either (maxGradientNorm %s)", async (maxGradientNorm) => {
  using model = new Linear(2, 1).initialize(new Rng(1));
  using optimizer = new AdamW(model.parameters(), { learningRate: 0.1 });
  const before = [...model.weight.data];
  const who = maxGradientNorm === undefined ? "step" : "clipGradientNorm";
  const training = train({
    model,
    optimizer,
    steps: 1,
    maxGradientNorm,
    loss: () => add(spoiling(model.weight), sum(model.bias as Tensor)),
  });
  await expect(training).rejects.toThrow(`${who}: the gradient of weight, (1, 2), has NaN; the parameters stay as they are`);
  expect([...model.weight.data, ...(model.bias?.data ?? [])]).toEqual([...before, 0]);
  expect(optimizer.steps).toBe(0);
  expect(model.weight.grad, "the next training begins without it").toBeUndefined();
  const unnamed = train({ optimizer, steps: 1, maxGradientNorm, loss: () => spoiling(model.weight) });
  await expect(unnamed).rejects.toThrow(`${who}: the gradient of parameter 0, (1, 2), has NaN`);
});

test("train() puts the model into training mode, and back, part by part, also when it fails", async () => {
  class Model extends Module {
    readonly dropout = new Dropout(0.5, new Rng(1));
    readonly linear = new Linear(2, 2);
    forward(): Tensor {
      return sum(this.dropout.forward(this.linear.forward(ones([1, 2]))));
    }
  }
  using model = new Model().initialize(new Rng(1));
  model.linear.train();
  using optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
  const modes = (): boolean[] => [model.training, model.dropout.training, model.linear.training];
  const seen: boolean[][] = [];
  await train({ model, optimizer, steps: 1, loss: () => (seen.push(modes()), model.forward()) });
  expect([...seen, modes()]).toEqual([
    [true, true, true],
    [false, false, true],
  ]);
  const failing = (): never => {
    throw new Error("stop");
  };
  await expect(train({ model, optimizer, steps: 1, loss: failing })).rejects.toThrow("stop");
  expect(modes()).toEqual([false, false, true]);
});

test("what is trained in evaluation mode without a word is noticed; what isn't trained may stay in it", async () => {
  using linear = new Linear(4, 4).initialize(new Rng(1));
  using norm = new BatchNorm2d(4).initialize();
  using attention = new SelfAttention({ hiddenSize: 4, numHeads: 2, attentionDropout: 0.1, rng: new Rng(1) }).initialize(new Rng(1));
  using optimizer = new SGD([...linear.parameters(), ...attention.parameters()], { learningRate: 0.1 });
  const [dropout, dropPath] = [new Dropout(0.5, new Rng(1)), new DropPath(0.25, new Rng(1))];
  const step = (forward: (x: Tensor) => Tensor): Promise<void> =>
    train({ optimizer, steps: 1, loss: () => sum(forward(linear.forward(ones([1, 4])))) });
  for (const [forward, does] of [
    [(x: Tensor) => dropout.forward(x), "a dropout of 0.5"],
    [(x: Tensor) => dropPath.forward(x), "a DropPath of 0.25"],
    [(x: Tensor) => attention.forward(reshape(x, [1, 1, 4])), "a dropout of 0.1"],
    [(x: Tensor) => norm.forward(reshape(x, [1, 4, 1, 1])), "a batch norm"],
  ] as const) {
    await expect(step(forward), does).rejects.toThrow(
      `train: what is trained must be in training mode (give train() the model; what isn't trained belongs in noGrad), but ${does} is`,
    );
  }
  await step((x) => new Dropout(0).forward(x));
  await step((x) =>
    add(
      x,
      noGrad(() => dropout.forward(linear.forward(ones([1, 4])))),
    ),
  );
  norm.setRequiresGrad(false);
  await step((x) => norm.forward(reshape(x, [1, 4, 1, 1])));
  dropout.train();
  await step((x) => dropout.forward(x));
});

describe("what can't be is refused at once", () => {
  let weight: Parameter;
  beforeEach(() => {
    weight = new Parameter([2]);
    weight.data.fill(1);
  });
  afterEach(() => weight.dispose());

  test.each([
    [{}, "learningRate must be a number from 0 on, but is undefined"],
    [{ learningRate: Number.NaN }, "learningRate must be a number from 0 on, but is NaN"],
    [{ learningRate: Infinity }, "learningRate must be a number from 0 on, but is Infinity"],
    [{ learningRate: -1 }, "learningRate must be a number from 0 on, but is -1"],
    [{ learningRate: "0.1" }, 'learningRate must be a number from 0 on, but is "0.1"'],
    [{ learningRate: 1, beta2: 1 }, "beta2 must be from 0 up to but not including 1, but is 1"],
    [{ learningRate: 1, eps: -1e-8 }, "eps must be a number from 0 on, but is -1e-8"],
    [{ learningRate: 1, weightDecay: Number.NaN }, "weightDecay must be a number from 0 on, but is NaN"],
    [{ lr: 1 }, 'options are learningRate, beta1, beta2, eps, weightDecay, but "lr" came: is learningRate meant?'],
    [{ learningRate: 1, weight_decay: 1 }, 'weightDecay, but "weight_decay" came: is weightDecay meant?'],
    [{ learningRate: 1, betas: [0.9, 0.99] }, '"betas" came: is beta1 and beta2 meant?'],
    [{ learningRate: 1, nesterov: true }, 'weightDecay, but "nesterov" came'],
    [0.001, "options are an object of learningRate, beta1, beta2, eps, weightDecay, but 0.001 came"],
    [undefined, "options are an object of learningRate, beta1, beta2, eps, weightDecay, but undefined came"],
  ])("AdamW %j", (options, message) => {
    const attempt = (): AdamW => new AdamW([weight], options as AdamWOptions);
    expect(attempt).toThrow(expect.objectContaining({ name: "ArgumentError", where: "AdamW", message: expect.stringContaining(message) }));
  });

  test("parameters and groups", () => {
    const foreign = [{ shape: [1] }] as never;
    expect(() => new AdamW([foreign], { learningRate: 1 })).toThrow(
      "parameter group: options are an object of parameters, weightDecay, learningRateScale",
    );
    expect(() => new AdamW([{ parameters: foreign }], { learningRate: 1 })).toThrow(
      "parameter group: parameters must be a list, each a Parameter, of one copy of @x/layers, but is an Array",
    );
    const typo = [{ parameters: [weight], weight_decay: 0 }] as never;
    expect(() => new SGD(typo, { learningRate: 1 })).toThrow('"weight_decay" came: is weightDecay meant?');
    expect(() => new SGD([{ parameters: [weight], weightDecay: -1 }], { learningRate: 1 })).toThrow(
      "parameter group: weightDecay must be a number from 0 on",
    );
    expect(() => new SGD([weight], { learningRate: 1, momentum: 1 })).toThrow("SGD: momentum must be from 0 up to but not including 1");
    using optimizer = new SGD([weight], { learningRate: 1 });
    expect(() => (optimizer.learningRate = Number.NaN)).toThrow("SGD: learningRate must be a number from 0 on, but is NaN");
  });

  test("an asynchronous onStep is awaited: propelml/propel#440, tensorflow/tfjs#296, BrainJS/brain.js#566", async () => {
    using optimizer = new SGD([weight], { learningRate: 1 });
    const seen: number[][] = [];
    await train({
      optimizer,
      steps: 3,
      loss: () => sum(weight),
      onStep: async ({ step }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push([step, ...weight.toTypedArray()]);
      },
    });
    expect(seen).toEqual([[1, 0, 0], [2, -1, -1], [3, -2, -2]]); // prettier-ignore
    const failing = train({ optimizer, steps: 3, loss: () => sum(weight), onStep: () => Promise.reject(new Error("the disk is full")) });
    await expect(failing).rejects.toThrow("the disk is full");
    expect(optimizer.steps).toBe(4);
  });

  test("what train() is told", async () => {
    using optimizer = new SGD([weight], { learningRate: 1 });
    const loss = (): Tensor => sum(weight);
    for (const [options, message] of [
      [{ optimizer, loss, steps: Number.NaN }, "train: steps must be a whole number from 0 on, but is NaN"],
      [{ optimizer, loss, steps: 1, maxGradientNorm: 0 }, "train: maxGradientNorm must be a number above 0, but is 0"],
      [{ optimizer, loss, steps: 1, max_gradient_norm: 1 }, '"max_gradient_norm" came: is maxGradientNorm meant?'],
      [{ optimizer: {}, loss, steps: 1 }, "train: optimizer must be an AdamW, an SGD or another Optimizer, but is an Object"],
      [{ optimizer, steps: 1, schedule: () => Number.NaN, loss }, "SGD: learningRate must be a number from 0 on, but is NaN"],
      [{ optimizer, steps: 1, loss: async () => loss() }, "train: the loss must be a tensor of one element, made at once, but a promise"],
    ] as const) {
      await expect(train(options as TrainOptions)).rejects.toThrow(message);
    }
    expect([...weight.toTypedArray()]).toEqual([1, 1]);
  });
});
