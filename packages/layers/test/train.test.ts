/** The training loop: what a step does, and when it stops. */
import { checkForLeaks } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { AdamW, add, full, init, Parameter, SGD, square, sum, type Tensor, train } from "../src/index.ts";

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
