import { expect } from "vitest";
import { backward, type Module, noGrad, scope, type Tensor } from "@x/layers";

/** One number of every parameter: its gradient against the central difference of the loss. */
export function expectGradientsAreDifferences(model: Module, loss: () => Tensor): void {
  scope(() => backward(loss()));
  for (const [path, parameter] of model.namedParameters()) {
    if (!parameter.requiresGrad) continue;
    const at = Math.floor(parameter.size / 2);
    const gradient = parameter.grad?.data[at] ?? Number.NaN;
    const step = 1e-2;
    const [above = 0, below = 0] = [step, -step].map((move) => {
      const before = parameter.data[at] ?? 0;
      parameter.data[at] = before + move;
      const value = noGrad(() => loss().item());
      parameter.data[at] = before;
      return value;
    });
    expect(Math.abs((above - below) / (2 * step) - gradient), path).toBeLessThan(2e-3 * Math.max(1, Math.abs(gradient)));
  }
  model.zeroGrad();
}
