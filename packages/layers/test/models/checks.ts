/** What every model has to pass, whatever its architecture. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { AdamW, backward, init, liveBytes, type Module, noGrad, openCheckpoint, scope, type Tensor } from "../../src/index.ts";
import { expectClose } from "./golden.ts";

export { normal as noise } from "../draws.ts";

/** How many numbers a model's parameters have, without the memory for them: nothing may read or free them. */
export async function countParameters(make: () => Module): Promise<number> {
  const { memory } = await init();
  const allocate = vi.spyOn(memory, "allocate").mockReturnValue(64);
  try {
    return make().numParameters;
  } finally {
    allocate.mockRestore();
  }
}

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

/** Ten steps of AdamW with the settings of tools/reference/vision.py. */
export function expectLossesAgree(model: Module, loss: () => Tensor, expected: ArrayLike<number>): void {
  const optimizer = new AdamW(model.parameters(), { learningRate: 3e-3, weightDecay: 0.05 });
  const losses = Array.from({ length: expected.length }, () =>
    scope(() => {
      const value = loss();
      backward(value);
      optimizer.step();
      optimizer.zeroGrad();
      return value.item();
    }),
  );
  optimizer.dispose();
  expectClose(losses, expected, 1e-4, "losses");
}

/** Any number of training steps and inferences end with as many bytes as they began with. */
export function expectNothingLeft(model: Module, loss: () => Tensor, { steps = 50, inferences = 50 } = {}): void {
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-3 });
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
  optimizer.dispose();
}

/** Runs `body` with an empty folder. */
export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "models-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const keysOf = async (folder: string): Promise<string[]> => [...(await openCheckpoint(folder)).entries.keys()].sort();
