/** A model with linear layers in int8 beside the same in float32. */
import { expect } from "vitest";
import { Linear, liveBytes, type Module, type PretrainedOptions, quantize } from "@x/layers";
import { cosine } from "./close.ts";
import type { Golden } from "./golden.ts";

/** How many numbers the weights of linear layers have. */
export function linearSize(module: Module): number {
  const own = module instanceof Linear ? module.weight.size : 0;
  return [...module.namedChildren()].reduce((sum, [, child]) => sum + linearSize(child), own);
}

/** Loaded as int8: outputs point where PyTorch's do, memory falls, and it is the same as when quantized afterwards. */
export async function expectInt8Agrees<M extends Module>(
  load: (options?: PretrainedOptions) => Promise<M>,
  run: (model: M) => ReadonlyMap<string, Float32Array>,
  golden: Golden,
): Promise<void> {
  const before = liveBytes();
  using float32 = await load();
  const float32Bytes = liveBytes() - before;
  using int8 = await load({ dtype: "int8" });
  const int8Bytes = liveBytes() - before - float32Bytes;
  const linearBytes = 4 * linearSize(float32);
  // Tiny layers have rows of 8 to 48 numbers; the steps, zeros and sums of each are 12 bytes, and each number has few to be averaged with.
  expect((int8Bytes - (float32Bytes - linearBytes)) / linearBytes, "share of the weights' bytes").toBeLessThan(0.65);
  const outputs = run(int8);
  for (const [key, values] of outputs) expect(cosine(values, golden.values(key)), key).toBeGreaterThan(0.9985);
  expect(outputs).not.toEqual(run(float32)); // it is in whole numbers
  expect(run(quantize(float32))).toEqual(outputs);
}
