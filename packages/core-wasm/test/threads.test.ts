/** The pool: the same bits on any number of threads, and no launch that is lost or waited for in vain. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Core, CoreError, type Operand } from "../src/index.ts";
import { CONTROL } from "../src/threads/control.ts";
import { Bench } from "./bench.ts";
import { elements } from "./kernels.elements.ts";
import { images } from "./kernels.images.ts";
import { int8 } from "./kernels.int8.ts";
import { matrices } from "./kernels.matrices.ts";
import { rows } from "./kernels.rows.ts";

describe.for(["plain", "relaxed"] as const)("%s", (simd) => {
  let cores: Core[];
  beforeAll(async () => {
    cores = await Promise.all([1, 2, 3].map((threads) => Core.create({ threads, simd, tile: "4x8" })));
    expect(cores.map(({ threads }) => threads)).toEqual([1, 2, 3]);
  });
  afterAll(() => {
    for (const core of cores) core[Symbol.dispose]();
  });

  const cases = [
    ...Object.entries(elements).map(([name, run]) => [name, 2999, run, 64] as const),
    ...[...Object.entries(rows), ...Object.entries(images), ...Object.entries(matrices), ...Object.entries(int8)].map(
      ([name, run]) => [name, 67, run, 2 ** 15] as const,
    ),
    ...(["sum", "softmax", "layerNormBackwardWeights", "scatterAddRows"] as const).map(
      (name) => [name, 1000, rows[name], 2 ** 15] as const,
    ),
    ["attention", 197, matrices.attention, 2 ** 15] as const,
  ];

  test.for(cases)("%s at size %i: 1, 2 and 3 threads give the same bits", ([, size, run, cost]) => {
    const bits = cores.map((core) => {
      using bench = new Bench(core, { cost });
      return Buffer.concat(run(bench, size).map((output) => bench.bits(output)));
    });
    expect(bits.map((some) => some.equals(bits[0] ?? Buffer.of()))).toEqual([true, true, true]);
  });
});

test.for(Object.entries(elements))("%s at an uneven cost: parts begin at multiples of 64 all the same", async ([, run]) => {
  using alone = await Core.create({ threads: 1, simd: "plain", tile: "4x8" });
  using together = await Core.create({ threads: 2, simd: "plain", tile: "4x8" });
  const [expected, bits] = [alone, together].map((core) => {
    using bench = new Bench(core, { cost: 110 }); // parts would not be multiples of four, let alone 64, if the pool didn't see to it
    return run(bench, 2999).map((output) => bench.bits(output));
  });
  expect(bits).toEqual(expected);
});

describe("many launches", () => {
  test("10 000 quick ones, one after another: none is lost, none hangs", async () => {
    using core = await Core.create({ threads: 3 });
    const [x, y] = [core.allocate(4 * 40_000).as("float32"), core.allocate(4 * 40_000).as("float32")];
    core.kernels.full({ y: x, value: 1, size: 40_000 });
    core.kernels.full({ y, value: 0, size: 40_000 });
    for (let i = 0; i < 10_000; i++) core.kernels.accumulate({ x, y, size: 40_000 });
    expect(y.block.read("float32", 0, 40_000).every((value) => value === 10_000)).toBe(true);
  });

  test("with pauses in which the threads fall asleep", async () => {
    using core = await Core.create({ threads: 3 });
    const y = core.allocate(4 * 100_000).as("float32");
    for (let i = 1; i <= 30; i++) {
      await new Promise((resolve) => setTimeout(resolve, i % 3 === 0 ? 20 : 0));
      core.kernels.full({ y, value: i, size: 100_000 });
      expect(y.block.read("float32", 0, 100_000).every((value) => value === i)).toBe(true);
    }
  });

  test("in two cores by turns, while their memories grow", async () => {
    using one = await Core.create({ threads: 2 });
    using other = await Core.create({ threads: 3 });
    const held: (readonly [Operand<"float32">, number])[] = [];
    for (let i = 1; i <= 200; i++) {
      const core = i % 2 === 0 ? one : other;
      const y = core.allocate(4 * 40_000).as("float32");
      core.kernels.full({ y, value: i, size: 40_000 });
      held.push([y, i]);
    }
    for (const [{ block }, i] of held) expect(block.read("float32", 0, 40_000).every((value) => value === i)).toBe(true);
  });

  test("a trap is an error of the launch, in whichever thread it was", async () => {
    using core = await Core.create({ threads: 3, maximumBytes: 2 ** 22 });
    const y = core.allocate(2 ** 20).as("float32");
    const { address } = y.block; // takes the memory
    const inside = (core.memory.memory.buffer.byteLength - address) / 4;
    const messages = new Set<string>();
    for (let i = 0; i < 60; i++) {
      try {
        core.kernels.normal({ y, mean: 0, deviation: 1, seed: 1, stream: 3, size: inside + 100 }); // the last part writes beyond the memory
        messages.add("none");
      } catch (error) {
        messages.add(String(error));
      }
      core.kernels.full({ y, value: i, size: inside });
      expect(y.block.read("float32", 0, inside).every((value) => value === i)).toBe(true);
    }
    const known = new Set(["RuntimeError: memory access out of bounds", "CoreError: kernel normal trapped in a thread"]);
    expect([...messages].filter((message) => !known.has(message))).toEqual([]);
  });

  test("threads that sleep are woken: they write into their own scratch", async () => {
    using core = await Core.create({ threads: 3 });
    const UNWRITTEN = 0x5a;
    const worked: boolean[] = [];
    const bind = core.launcher.bind.bind(core.launcher);
    vi.spyOn(core.launcher, "bind").mockImplementation((...kernel) => {
      const launch = bind(...kernel);
      return (call, units, unitCost, scratchBytes = 0) => {
        const stride = Math.ceil(scratchBytes / 64) * 64;
        const room = core.memory.allocate(3 * stride); // where the scratch will lie
        core.memory.view("uint8", room, 3 * stride).fill(UNWRITTEN);
        core.memory.free(room);
        launch(call, units, unitCost, scratchBytes);
        worked.push(core.memory.view("uint8", room + stride, 2 * stride).some((byte) => byte !== UNWRITTEN));
      };
    });
    using bench = new Bench(core);
    for (let i = 0; i < 50 && !worked.includes(true); i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      matrices.attention(bench, 197);
    }
    expect(worked).toContain(true);
  });

  test("a thread that was ended in the middle of its work isn't waited for without end", async () => {
    using core = await Core.create({ threads: 2 });
    const y = core.allocate(4 * 100_000).as("float32");
    const control = new Int32Array(core.memory.memory.buffer);
    Atomics.add(control, CONTROL.entrants, 1); // as it leaves the control block: it came, and never went
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => (now += 10_000));
    expect(() => core.kernels.full({ y, value: 1, size: 100_000 })).toThrow(
      new CoreError("a thread doesn't come back from its work: shutdown(), and begin anew"),
    );
    vi.restoreAllMocks();
  });

  test("disposing ends the threads", async () => {
    const posted = vi.spyOn(Worker.prototype, "postMessage");
    const core = await Core.create({ threads: 3 });
    const workers = posted.mock.contexts as Worker[];
    posted.mockRestore();
    expect(workers).toHaveLength(2);
    const ended = Promise.all(workers.map((worker) => once(worker, "exit")));
    core[Symbol.dispose]();
    await ended;
  });

  test("each thread has a scratch of its own", async () => {
    using core = await Core.create({ threads: 3 });
    using bench = new Bench(core);
    for (let i = 0; i < 20; i++) matrices.attention(bench, 40);
  });
});
