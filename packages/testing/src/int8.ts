/** A model with linear layers in int8 beside the same in float32. */
import { expect } from "vitest";
import { Linear, liveBytes, type Module, noGrad, type PretrainedOptions, quantize, scope, type Tensor } from "@x/layers";
import { cosine } from "./close.ts";

/** How many numbers the weights of linear layers have. */
export function linearSize(module: Module): number {
  const own = module instanceof Linear ? module.weight.size : 0;
  return [...module.namedChildren()].reduce((sum, [, child]) => sum + linearSize(child), own);
}

/**
 * Loaded as int8: outputs point where PyTorch's do, memory falls, the same as when quantized afterwards, and nothing is left behind.
 * @param run what PyTorch's `expected` is compared with
 */
export async function expectInt8Agrees<M extends Module>(
  load: (options?: PretrainedOptions) => Promise<M>,
  run: (model: M) => Tensor,
  expected: ArrayLike<number>,
): Promise<void> {
  const outputOf = (model: M): Float32Array => scope(() => noGrad(() => run(model)).toTypedArray());
  const before = liveBytes();
  const float32 = await load();
  const float32Bytes = liveBytes() - before;
  const int8 = await load({ dtype: "int8" });
  const int8Bytes = liveBytes() - before - float32Bytes;
  // Tiny layers have rows of 8 to 48 numbers; the steps, zeros and sums of each are 12 bytes.
  expect((int8Bytes - (float32Bytes - 4 * linearSize(float32))) / (4 * linearSize(float32)), "share of the weights' bytes").toBeLessThan(
    0.65,
  );
  const output = outputOf(int8);
  expect(output.length).toBe(expected.length);
  expect(cosine(output, expected), "cosine").toBeGreaterThan(0.999);
  expect(output).not.toEqual(outputOf(float32)); // it is in whole numbers
  expect(outputOf(quantize(float32))).toEqual(output);
  int8.dispose();
  float32.dispose();
  expect(liveBytes()).toBe(before);
}
