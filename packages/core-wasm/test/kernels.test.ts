/** Every kernel against its float64 reference, in both builds, on one thread. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Core } from "../src/index.ts";
import { Bench } from "./bench.ts";
import { kernels } from "./kernels.table.ts";

/** Kernels that reduce the axis of length n: of nothing, most have no value, and the references can't tell how many results there are. */
const reducing = new Set(
  "sum mean max min argmax layerNorm crossEntropy crossEntropyBackward interpolate"
    .split(" ")
    .concat("batchNormStatistics batchNormBackward batchNormInferenceBackward fourierMixRows fourierMixColumns".split(" ")),
);

describe.for(["plain", "relaxed"] as const)("%s", (simd) => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.create({ threads: 1, simd });
  });
  afterAll(() => {
    expect(core.memory.liveBytes).toBe(0);
    core[Symbol.dispose]();
  });

  for (const [kernel, run] of Object.entries(kernels)) {
    test.for([...(reducing.has(kernel) ? [] : [0]), 1, 3, 4, 5, 17, 64, 197])(`${kernel} at size %i`, (size) => {
      using bench = new Bench(core, { shift: size === 17 ? 4 : 0 }); // views lie at multiples of 4 bytes only
      run(bench, size);
    });
  }
});
