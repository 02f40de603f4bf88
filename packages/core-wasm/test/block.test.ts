/** Blocks: memory from the first use on, versions, eviction, derived forms, and what kernels refuse as operands. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { at, type Block, Core, CoreError, type Operand } from "../src/index.ts";

let core: Core;
beforeEach(async () => {
  core = await Core.create({ threads: 1 });
});
afterEach(() => core[Symbol.dispose]());

const live = (): number => core.memory.liveBytes;

/** A block of 16 float32 with these numbers, then zeros. */
function blockOf(...numbers: number[]): Block {
  const block = core.allocate(64);
  block.view("float32", 0, 16).fill(0).set(numbers);
  return block;
}

const numbersOf = (block: Block, length = 4): number[] => [...block.read("float32", 0, length)];

/** Doubles what lies in `from`, into `to`. */
const double = (from: Block, to: Block): void =>
  core.kernels.scaleAndShift({ x: from.as("float32"), y: to.as("float32"), scale: 2, shift: 0, size: 16 });

const half = (from: Block, to: Block): void =>
  core.kernels.scaleAndShift({ x: from.as("float32"), y: to.as("float32"), scale: 0.5, shift: 0, size: 16 });

describe("memory", () => {
  test("is taken at once", () => {
    using _block = core.allocate(1000);
    expect(live()).toBe(1024);
  });

  test("that is reserved is taken at the first use; either is given back by the last user", () => {
    const block = core.reserve(1000);
    expect(live()).toBe(0);
    block.view("uint8", 0, 1000);
    expect(live()).toBe(1024);
    block.share();
    expect(block.exclusive).toBe(false);
    block.release();
    expect([block.exclusive, block.freed, live()]).toEqual([true, false, 1024]);
    block.release();
    expect([block.freed, live()]).toEqual([true, 0]);
  });

  test("of a block that nobody used is none to give back", () => {
    core.reserve(1000).release();
    expect(live()).toBe(0);
  });

  test("is seen as each dtype, from any byte on", () => {
    using block = core.allocate(16);
    block.view("float32", 0, 4).set([1, 2, 3, 4]);
    block.view("int32", 8, 1)[0] = 0x40000000;
    block.view("uint8", 15, 1)[0] = 0xc0;
    expect(numbersOf(block)).toEqual([1, 2, 2, -4]);
  });

  test("that was freed can't be used, shared or freed again", () => {
    const block = blockOf();
    block.release();
    for (const use of [
      () => block.view("float32", 0, 1),
      () => block.read("float32", 0, 1),
      () => block.share(),
      () => block.evict(() => {}),
      () => block.derived("form", () => blockOf()),
    ]) {
      expect(use).toThrow(new CoreError("a block of memory was used after it was freed"));
    }
    expect(() => block.release()).toThrow(new CoreError("a block of memory was released more often than it was shared"));
  });

  test("of a core that was shut down can't be used, but released", () => {
    const block = blockOf();
    core[Symbol.dispose]();
    expect(() => block.view("float32", 0, 1)).toThrow(new CoreError("a block of memory was used after its core was shut down"));
    expect(() => block.read("float32", 0, 1)).toThrow(CoreError);
    block.release();
    expect(live()).toBe(0);
  });
});

describe("version", () => {
  test("rises with kernels that write and with live views, not with reading", () => {
    using block = blockOf(1);
    using other = blockOf(2);
    const { version } = block;
    double(block, other);
    numbersOf(block);
    expect(block.version).toBe(version);
    double(other, block);
    expect(block.version).toBe(version + 1);
    block.view("float32", 0, 1);
    expect(block.version).toBe(version + 2);
  });
});

describe("eviction", () => {
  test("gives the memory back; a kernel that reads has it filled again, which is no change", () => {
    using halved = blockOf(1, 2);
    using block = blockOf(2, 4);
    using y = blockOf();
    const { version } = block;
    block.evict((into) => double(halved, into));
    expect(live()).toBe(2 * 64);
    double(block, y);
    expect(numbersOf(y)).toEqual([4, 8, 0, 0]);
    expect([live(), block.version]).toEqual([3 * 64, version]);
  });

  test("a kernel that writes a part keeps the rest", () => {
    using block = blockOf(1, 2, 3);
    block.evict((into) => into.view("float32", 0, 16).fill(0).set([1, 2, 3]));
    core.kernels.full({ y: at(block.as("float32"), 1), value: 9, size: 1 });
    expect(numbersOf(block)).toEqual([1, 9, 3, 0]);
  });

  test("reading leaves it evicted", () => {
    using block = blockOf(1, 2);
    let restored = 0;
    block.evict((into) => {
      restored++;
      into.view("float32", 0, 16).fill(0).set([1, 2]);
    });
    const { version } = block;
    expect(numbersOf(block)).toEqual([1, 2, 0, 0]);
    expect(numbersOf(block, 2)).toEqual([1, 2]);
    expect([restored, live(), block.version]).toEqual([2, 0, version]);
    block.view("float32", 0, 1)[0] = 7;
    expect([restored, live()]).toEqual([3, 64]);
    expect(numbersOf(block)).toEqual([7, 2, 0, 0]);
    expect(restored).toBe(3);
  });

  test("a restore that throws is asked again the next time, and holds no memory", () => {
    using block = blockOf(1);
    block.evict((into) => {
      into.view("float32", 0, 1);
      throw new Error("kept as int8");
    });
    for (let i = 0; i < 2; i++) {
      expect(() => block.view("float32", 0, 1)).toThrow("kept as int8");
      expect(() => block.read("float32", 0, 1)).toThrow("kept as int8");
      expect(() => double(block, block)).toThrow("kept as int8");
      expect(live()).toBe(0);
    }
  });
});

describe("derived forms", () => {
  test("are made once, and again after a change", () => {
    using block = blockOf(1, 2);
    let made = 0;
    const doubled = (): Block =>
      block.derived("doubled", () => {
        made++;
        const form = core.allocate(64);
        double(block, form);
        return form;
      });
    expect(numbersOf(doubled(), 2)).toEqual([2, 4]);
    expect(doubled()).toBe(doubled());
    expect([made, live()]).toEqual([1, 128]);
    block.view("float32", 0, 1)[0] = 5;
    expect(live(), "the old form is freed at once").toBe(64);
    expect(numbersOf(doubled(), 2)).toEqual([10, 4]);
    core.kernels.full({ y: block.as("float32"), value: 1, size: 16 });
    expect(live()).toBe(64);
    expect(numbersOf(doubled(), 2)).toEqual([2, 2]);
    expect(made).toBe(3);
  });

  test("of different keys stand side by side, are freed with the block, and one by one", () => {
    const block = blockOf(1);
    const [first, second] = [block.derived("first", () => blockOf()), block.derived("second", () => blockOf())];
    expect(live()).toBe(3 * 64);
    block.forget("first");
    block.forget("no such form");
    expect([first.freed, second.freed, live()]).toEqual([true, false, 2 * 64]);
    block.release();
    expect([second.freed, live()]).toEqual([true, 0]);
  });

  test("may stand in for the block that they are made of", () => {
    using block = blockOf(1, 2);
    using y = blockOf();
    const packed = (): Block =>
      block.derived("packed", () => {
        const form = core.allocate(64);
        double(block, form);
        block.evict((into) => half(form, into));
        return form;
      });
    const form = packed();
    expect(live()).toBe(2 * 64); // y and the form
    expect(numbersOf(block)).toEqual([1, 2, 0, 0]);
    expect(packed()).toBe(form);
    double(block, y); // restored from the form, which stays
    expect(packed()).toBe(form);
    expect(live()).toBe(3 * 64);
    block.evict((into) => half(form, into));
    core.kernels.full({ y: block.as("float32"), value: 3, size: 1 });
    expect(form.freed).toBe(true);
    expect(numbersOf(block)).toEqual([3, 2, 0, 0]);
    expect(numbersOf(packed(), 2)).toEqual([6, 4]);
  });
});

describe("operands that a kernel refuses", () => {
  /** add with one operand exchanged for another, of whatever kind. */
  const add = (over: Readonly<Record<string, Operand | undefined>>): void => {
    const operands = { a: blockOf().as("float32"), b: blockOf().as("float32"), y: blockOf().as("float32") };
    core.kernels.add({ ...Object.assign(operands, over), size: 16 });
  };

  test("of another dtype", () => {
    expect(() => add({ b: blockOf().as("int32") })).toThrow(new CoreError("add: b must be float32, but is int32"));
    const indices = blockOf().as("uint8") as Operand as Operand<"int32">;
    expect(() => core.kernels.argmax({ x: blockOf().as("float32"), indices, rows: 1, columns: 1 })).toThrow(
      new CoreError("argmax: indices must be int32, but is uint8"),
    );
  });

  test("of another core, or of one that was shut down", async () => {
    using other = await Core.create({ threads: 1 });
    const foreign = other.allocate(64).as("float32");
    const message = "add: y belongs to another engine, or to one that was shut down";
    expect(() => add({ y: foreign })).toThrow(new CoreError(message));
    const y = blockOf().as("float32");
    core[Symbol.dispose]();
    expect(() => core.kernels.full({ y, value: 1, size: 1 })).toThrow(
      new CoreError("full: y belongs to another engine, or to one that was shut down"),
    );
  });

  test("that were freed, and that are missing", () => {
    const block = blockOf();
    block.release();
    expect(() => add({ a: block.as("float32") })).toThrow(new CoreError("add: a was used after it was freed"));
    expect(() => add({ a: undefined })).toThrow(new CoreError("add: a is missing"));
  });

  test("and numbers and choices that are none", () => {
    const [x, y] = [blockOf().as("float32"), blockOf().as("float32")];
    const activation = "swish" as string as "silu";
    expect(() => core.kernels.activate({ x, y, activation, size: 1 })).toThrow(
      new CoreError("activate: activation must be one of relu, gelu, geluTanh, quickGelu, silu, tanh, sigmoid, softplus, but is swish"),
    );
    const call: { value?: number } = {};
    expect(() => core.kernels.full({ y, size: 1, ...(call as { value: number }) })).toThrow(
      new CoreError("full: value must be a number, but is undefined"),
    );
  });
});
