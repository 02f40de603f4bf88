/** 256-bit vectors: every kernel is checked at the start, a wrong one is found, and whatever is in the way is told. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { Core } from "../src/index.ts";
import type { Launcher } from "../src/launcher.ts";
import { differingKernels, type Side } from "../src/wide/check.ts";
import { names } from "./kernels.usual.ts";

const sideOf = (core: Core, launcher: Launcher = core.launcher): Side => ({ owner: core, launcher });

describe("the check", () => {
  test("every kernel writes something in it, and two cores of one build agree; what they took is given back", async () => {
    using left = await Core.create({ threads: 1, simd: "relaxed", tile: "6x8" });
    using right = await Core.create({ threads: 1, simd: "relaxed", tile: "6x8" });
    const silent = { bind: (...of: Parameters<Launcher["bind"]>) => (left.launcher.bind(...of), () => {}) };
    expect(differingKernels(sideOf(left, silent), sideOf(right)).map((kernel) => kernel.split(" ")[0])).toEqual(
      expect.arrayContaining([...names]),
    );
    expect(differingKernels(sideOf(left), sideOf(right))).toEqual([]);
    expect(left.memory.liveBytes).toBe(0);
  });

  test.for([
    "matmul",
    "int8Matmul",
    "softmax",
    "layerNorm",
    "adamW",
    "sqrt",
    "attentionBackward",
    "winogradOutputs",
    "crossEntropy",
    "batchNorm",
  ])("%s that is wrong in one bit of one number is found", async (wrong) => {
    using left = await Core.create({ threads: 1, simd: "relaxed", tile: "6x8" });
    using right = await Core.create({ threads: 1, simd: "relaxed", tile: "6x8" });
    const slips: Launcher = {
      bind(kernel, parameters, choices) {
        const launch = right.launcher.bind(kernel, parameters, choices);
        const written =
          parameters
            .split(" ")
            .find((parameter) => /:F\??$/.test(parameter))
            ?.split(":")[0] ?? "";
        return (call, ...rest) => {
          launch(call, ...rest);
          if (kernel !== wrong) return;
          const { block } = Reflect.get(call, written) as { block: { view(dtype: "int32", at: number, length: number): Int32Array } };
          const [bits] = [block.view("int32", 8, 1)];
          bits[0] = (bits[0] ?? 0) ^ 1;
        };
      },
    };
    expect(new Set(differingKernels(sideOf(left), sideOf(right, slips)).map((kernel) => kernel.split(" ")[0]))).toEqual(new Set([wrong]));
  });
});

describe("Core.create", () => {
  afterEach(() => vi.restoreAllMocks());

  test("wide, or relaxed with a reason, computes the same bits as the usual relaxed build", async () => {
    using wide = await Core.create({ threads: 2, simd: "wide" });
    using usual = await Core.create({ threads: 1, simd: "relaxed", tile: wide.tile });
    if (wide.simd === "wide") expect(wide.refusal).toBeUndefined(); // which tile won, is the machine's business
    else expect(wide.refusal).toMatch(/^(only Node|this engine)/);
    expect(differingKernels(sideOf(usual), sideOf(wide))).toEqual([]);
  });

  test("a module that was compiled already runs as it is, and says so", async () => {
    const module = await WebAssembly.compile(
      new Uint8Array(await (await import("node:fs/promises")).readFile(new URL("../build/relaxed.wasm", import.meta.url))),
    );
    using core = await Core.create({ threads: 2, simd: "wide", wasm: module });
    expect([core.simd, core.refusal]).toEqual(["relaxed", "a module that was compiled already can't be compiled for 256 bits"]);
  });

  test("without relaxed SIMD it runs the plain build, and says so", async () => {
    const { validate } = WebAssembly;
    vi.spyOn(WebAssembly, "validate").mockImplementation(
      (bytes) => !new Uint8Array(bytes as ArrayBuffer).join().includes("253,133,2") && validate(bytes),
    );
    using core = await Core.create({ threads: 1, simd: "wide" });
    expect([core.simd, core.refusal]).toEqual(["plain", "this engine has no relaxed SIMD"]);
  });
});
