/** What every model has to pass, whatever its architecture. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AdamW,
  backward,
  drawNormal,
  encodeSafetensors,
  init,
  liveBytes,
  type Module,
  noGrad,
  openCheckpoint,
  Rng,
  scope,
  type Tensor,
  zeros,
} from "@x/layers";
import { expect, vi } from "vitest";
import type { MAEConfig, SwinConfig } from "../src/index.ts";
import { expectClose, goldenFolder } from "./golden.ts";

export const tinyMAE: Partial<MAEConfig> = {
  imageSize: 16,
  patchSize: 4,
  hiddenSize: 24,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 48,
  decoderHiddenSize: 16,
  decoderNumHiddenLayers: 1,
  decoderNumAttentionHeads: 2,
  decoderIntermediateSize: 32,
};

export const tinySwin: Partial<SwinConfig> = {
  imageSize: 32,
  patchSize: 4,
  embedDim: 8,
  depths: [2, 2],
  numHeads: [2, 4],
  windowSize: 4,
  numLabels: 5,
};

/** Numbers from N(0, 1). */
export function noise(shape: readonly number[], seed: number): Tensor {
  const numbers = zeros(shape);
  drawNormal(numbers, new Rng(seed));
  return numbers;
}

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

export function expectNothingLeft(model: Module, loss: () => Tensor): void {
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-3 });
  const step = (): void =>
    scope(() => {
      backward(loss());
      optimizer.step();
      optimizer.zeroGrad();
    });
  const infer = (): void => noGrad(() => void loss());
  for (const use of [step, infer]) {
    use();
    use();
    const before = liveBytes();
    for (let i = 0; i < 50; i++) use();
    expect(liveBytes()).toBe(before);
  }
  optimizer.dispose();
}

/** Runs `body` with an empty folder. */
export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "models-vision-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const keysOf = async (folder: string): Promise<string[]> => [...(await openCheckpoint(folder)).entries.keys()].sort();

/** A golden model's files in memory, with its entries under other names (none for a name that becomes undefined), some more, and another config. */
export async function renamed(
  name: string,
  rename: (key: string) => string | undefined,
  { config = {}, more = {} }: { readonly config?: object; readonly more?: Readonly<Record<string, readonly number[]>> } = {},
): Promise<Map<string, Uint8Array>> {
  const checkpoint = await openCheckpoint(goldenFolder(name));
  const entries = [...checkpoint.entries].flatMap(([key, { shape }]) => {
    const to = rename(key);
    return to === undefined ? [] : [{ key, to, shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }];
  });
  await checkpoint.readInto(entries.map(({ key, shape, values }) => [key, { shape, view: () => values }]));
  const extra = Object.entries(more).map(([to, shape]) => ({ to, shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }));
  const file = encodeSafetensors(new Map([...entries, ...extra].map(({ to, shape, values }) => [to, { shape, view: () => values }])));
  return new Map([
    ["config.json", new TextEncoder().encode(JSON.stringify(config))],
    ["model.safetensors", new Uint8Array(await file.arrayBuffer())],
  ]);
}
