/** Engines beside each other and one after the other: no op reads another engine's memory, and starting and ending may come in any order. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { engine } from "../src/model.ts";
import { init, Linear, Module, Rng, shutdown, type Tensor, zeros } from "../src/index.ts";
import { ops } from "./ops.table.ts";

/** A second copy of the package, as two versions in one node_modules make it. */
async function secondCopy() {
  vi.resetModules();
  const copy = await import("../src/index.ts");
  await copy.init({ threads: 1 });
  return copy;
}

describe("tensors of another copy of the package", () => {
  let copy: Awaited<ReturnType<typeof secondCopy>>;
  beforeAll(async () => {
    await init();
    copy = await secondCopy();
    expect(copy.init).not.toBe(init);
  });
  afterAll(() => copy.shutdown());

  test.for(ops)("$name refuses each of its operands", ({ cases }) => {
    const [first] = cases;
    for (const foreign of first?.inputs ?? []) {
      const inputs = Object.fromEntries((first?.inputs ?? []).map((input) => [input, zeros(first?.shapeOf(input) ?? [])]));
      inputs[foreign] = copy.zeros(first?.shapeOf(foreign) ?? []) as object as Tensor;
      expect(() => first?.run(inputs), foreign).toThrow("is a Tensor of another copy of @x/layers, with an engine of its own");
    }
  });

  test("a module doesn't pass over them", () => {
    class Holder extends Module {
      readonly part: object;
      constructor(part: object) {
        super();
        this.part = part;
      }
    }
    for (const part of [new copy.Linear(2, 2), new copy.Parameter([2]), copy.zeros([2])]) {
      expect(() => new Holder(part).parameters()).toThrow(
        /^Holder\.part: modules and tensors are of one copy of @x\/layers, but it is a (Linear|Parameter|Tensor) of another copy/,
      );
    }
    expect(new Holder({ plain: 1 }).parameters()).toEqual([]);
  });
});

test.for(ops)("after shutdown() and init(), $name refuses each of its operands of before", async ({ cases: [first] }) => {
  if (!first) throw new Error("an op without a case");
  const made = (): Record<string, Tensor> => Object.fromEntries(first.inputs.map((input) => [input, zeros(first.shapeOf(input))]));
  await init();
  const before = made();
  shutdown();
  await init();
  for (const old of first.inputs) {
    expect(() => first.run({ ...made(), [old]: before[old] as Tensor }), old).toThrow("tensor was used after its engine's end, shutdown()");
  }
});

test("a layer's packed weights end with their engine", async () => {
  await init();
  const linear = new Linear(64, 64).initialize(new Rng(1));
  linear.forward(zeros([64, 64]));
  shutdown();
  await init();
  expect(() => linear.forward(zeros([64, 64]))).toThrow("tensor was used after its engine's end, shutdown()");
  linear.dispose();
});

describe("init() and shutdown() in any order", () => {
  test("a shutdown() before the engine has started ends that engine", async () => {
    shutdown();
    const started = init();
    shutdown();
    await expect(started).rejects.toThrow("init: shutdown() was called before the engine had started");
    expect(() => engine()).toThrow("the engine has not started");
    expect(await init()).toBe(engine());
  });

  test("100 orders: one engine at most, and none that was given up", async () => {
    const step = fc.constantFrom("init", "shutdown", "wait");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const started: ReturnType<typeof init>[] = [];
        for (const next of steps) {
          if (next === "init") {
            const starting = init();
            starting.catch(() => undefined); // those that fail may do so before all are waited for
            started.push(starting);
          }
          if (next === "shutdown") shutdown();
          if (next === "wait") await new Promise((resolve) => setTimeout(resolve, 1));
        }
        const cores = (await Promise.allSettled(started)).flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
        const live = new Set(cores.filter(({ ended }) => !ended));
        expect(live.size).toBeLessThanOrEqual(1);
        for (const core of live) expect(engine()).toBe(core);
        shutdown();
        for (const core of cores) expect(core.ended).toBe(true);
      }),
    );
  });
});
