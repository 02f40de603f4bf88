/** Memory that is given back. */
import { afterEach, beforeEach, expect } from "vitest";
import { AdamW, backward, liveBytes, type Module, noGrad, scope, type Tensor } from "@x/layers";

/** Every test of the file must free what it makes. */
export function checkForLeaks(): void {
  let before = 0;
  beforeEach(() => {
    before = liveBytes();
  });
  afterEach(() => expect(liveBytes() - before, "bytes left behind").toBe(0));
}

/** Any number of training steps and inferences end with as many bytes as they began with. */
export function expectNothingLeft(
  model: Module,
  loss: () => Tensor,
  { steps = 50, inferences = 50 }: { readonly steps?: number; readonly inferences?: number } = {},
): void {
  using optimizer = new AdamW(model.parameters(), { learningRate: 1e-3 });
  const step = (): void =>
    scope(() => {
      backward(loss());
      optimizer.step();
      optimizer.zeroGrad();
    });
  const infer = (): void => noGrad(() => void loss());
  for (const [use, times] of [
    [step, steps],
    [infer, inferences],
  ] as const) {
    use();
    use();
    const before = liveBytes();
    for (let i = 0; i < times; i++) use();
    expect(liveBytes()).toBe(before);
  }
}
