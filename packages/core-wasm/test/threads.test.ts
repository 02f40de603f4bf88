/** The pool: the same bits on any number of threads, and no launch that is lost or waited for in vain. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Core } from "../src/index.ts";
import { Bench } from "./bench.ts";
import { elements } from "./kernels.elements.ts";
import { images } from "./kernels.images.ts";
import { matrices } from "./kernels.matrices.ts";
import { rows } from "./kernels.rows.ts";

describe.for(["plain", "relaxed"] as const)("%s", (simd) => {
  let cores: Core[];
  beforeAll(async () => {
    cores = await Promise.all([1, 2, 3].map((threads) => Core.create({ threads, simd })));
    expect(cores.map(({ threads }) => threads)).toEqual([1, 2, 3]);
  });
  afterAll(() => {
    for (const core of cores) core[Symbol.dispose]();
  });

  const cases = [
    ...Object.entries(elements).map(([name, run]) => [name, 2999, run] as const),
    ...[...Object.entries(rows), ...Object.entries(images), ...Object.entries(matrices)].map(([name, run]) => [name, 67, run] as const),
    ...(["sum", "softmax", "layerNormBackwardWeights", "scatterAddRows"] as const).map((name) => [name, 1000, rows[name]] as const),
    ["attention", 197, matrices.attention] as const,
  ];

  test.for(cases)("%s at size %i: 1, 2 and 3 threads give the same bits", ([, size, run]) => {
    const bits = cores.map((core) => {
      using bench = new Bench(core);
      return Buffer.concat(run(bench, size).map((output) => Buffer.from(bench.bits(output).buffer)));
    });
    expect(bits.map((some) => some.equals(bits[0] ?? Buffer.of()))).toEqual([true, true, true]);
  });
});

describe("many launches", () => {
  test("5 000 quick ones, one after another: none is lost, none hangs", async () => {
    using core = await Core.create({ threads: 3 });
    const x = core.memory.allocate(4 * 3000);
    core.memory.float32(x, 3000).fill(0);
    const y = core.memory.allocate(4 * 3000);
    core.memory.float32(y, 3000).fill(1);
    for (let i = 0; i < 5000; i++) core.launch("accumulate", 3000, 512, y, x);
    expect(core.memory.float32(x, 3000).every((value) => value === 5000)).toBe(true);
  });

  test("with pauses in which the threads fall asleep", async () => {
    using core = await Core.create({ threads: 3 });
    const x = core.memory.allocate(4 * 3000);
    for (let i = 1; i <= 30; i++) {
      await new Promise((resolve) => setTimeout(resolve, i % 3 === 0 ? 20 : 0));
      core.launch("fill", 3000, 512, x, i);
      expect(core.memory.float32(x, 3000).every((value) => value === i)).toBe(true);
    }
  });

  test("in two cores by turns, while their memories grow", async () => {
    using one = await Core.create({ threads: 2 });
    using other = await Core.create({ threads: 3 });
    const held: (readonly [Core, number, number])[] = [];
    for (let i = 1; i <= 200; i++) {
      const core = i % 2 === 0 ? one : other;
      const x = core.memory.allocate(4 * 40_000);
      core.launch("fill", 40_000, 64, x, i);
      held.push([core, x, i]);
    }
    for (const [core, x, i] of held) expect(core.memory.float32(x, 40_000).every((value) => value === i)).toBe(true);
  });

  test("each thread has a scratch of its own", async () => {
    using core = await Core.create({ threads: 3 });
    using bench = new Bench(core);
    for (let i = 0; i < 20; i++) matrices.attention(bench, 40);
  });
});
