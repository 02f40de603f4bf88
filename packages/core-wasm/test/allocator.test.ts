/** The allocator and the memory it grows: any order of taking and giving back, and running out. */
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Allocator } from "../src/allocator.ts";
import { Core, CoreError, OutOfMemoryError, WasmMemory } from "../src/index.ts";

const rounded = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / 64) * 64;

/** Take that many bytes, or give back the block of that rank among the live ones. */
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ take: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 50_000 })) }) },
    { weight: 2, arbitrary: fc.record({ giveBack: fc.nat({ max: 1000 }) }) },
  ),
  { maxLength: 200 },
);

describe("allocator", () => {
  test("blocks are aligned, apart, inside the memory, and counted; freed all, they are one again", () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 5000 }), (sequence, start) => {
        let end = start + 10_000;
        const allocator = new Allocator(start, end, (needed) => (end = needed + 777));
        const live = new Map<number, number>();
        let [total, peak] = [0, 0];
        for (const step of sequence) {
          if ("take" in step) {
            const pointer = allocator.allocate(step.take);
            const size = rounded(step.take);
            expect(pointer % 64).toBe(0);
            expect(pointer).toBeGreaterThanOrEqual(start);
            expect(pointer + size).toBeLessThanOrEqual(end);
            for (const [other, length] of live) expect(pointer + size <= other || other + length <= pointer).toBe(true);
            live.set(pointer, size);
            total += size;
          } else {
            const pointer = [...live.keys()][step.giveBack % Math.max(live.size, 1)];
            if (pointer === undefined) continue;
            total -= live.get(pointer) ?? 0;
            live.delete(pointer);
            allocator.free(pointer);
          }
          peak = Math.max(peak, total);
          expect([allocator.liveBytes, allocator.peakBytes]).toEqual([total, peak]);
        }
        for (const pointer of live.keys()) allocator.free(pointer);
        expect(allocator.liveBytes).toBe(0);
        const before = end;
        const everything = Math.floor((end - rounded(start)) / 64) * 64;
        expect(allocator.allocate(everything)).toBe(rounded(start));
        expect(end, "without growing").toBe(before);
      }),
      { numRuns: 200 },
    );
  });

  test("what is given back is used again: taking and giving back for ever grows nothing", () => {
    let grown = 0;
    const allocator = new Allocator(64, 1 << 20, (needed) => (grown++, needed));
    const pointers = Array.from({ length: 100 }, (_, i) => allocator.allocate(100 * i));
    for (let round = 0; round < 100; round++) {
      for (const [i, pointer] of pointers.entries()) {
        allocator.free(pointer);
        pointers[i] = allocator.allocate(100 * ((7 * i + round) % 100));
      }
    }
    expect(grown).toBe(0);
  });

  test("a gap that is up to twice as large as needed is used before memory grows", () => {
    for (let size = 640; size < 1280; size += 64) {
      const allocator = new Allocator(64, 64 + 8192, () => {
        throw new Error("no need to grow");
      });
      const gap = allocator.allocate(1280);
      allocator.allocate(64);
      allocator.allocate(8192 - 1280 - 64);
      allocator.free(gap);
      expect(allocator.allocate(size)).toBe(gap);
    }
  });

  test("growth takes the free end into account", () => {
    const asked: number[] = [];
    const allocator = new Allocator(0, 1024, (needed) => (asked.push(needed), needed));
    const first = allocator.allocate(64);
    expect(allocator.allocate(2048)).toBe(first + 64);
    expect(asked).toEqual([64 + 64 + 2048]); // address 0 is never handed out
  });

  test("freeing what isn't a block's start, and freeing twice, is an error", () => {
    const allocator = new Allocator(64, 4096, () => 0);
    const pointer = allocator.allocate(200);
    expect(() => allocator.free(pointer + 64)).toThrow(new CoreError(`free: no block starts at ${pointer + 64}`));
    allocator.free(pointer);
    expect(() => allocator.free(pointer)).toThrow(CoreError);
    expect(allocator.liveBytes).toBe(0);
  });

  test("a growth that fails leaves it as it was", () => {
    const allocator = new Allocator(64, 64 + 4096, () => {
      throw new Error("no more");
    });
    const kept = allocator.allocate(1024);
    expect(() => allocator.allocate(8192)).toThrow("no more");
    expect(allocator.liveBytes).toBe(1024);
    const second = allocator.allocate(3072);
    allocator.free(kept);
    allocator.free(second);
    expect(allocator.allocate(4096)).toBe(64);
  });
});

describe("memory", () => {
  const MiB = 2 ** 20;

  test("grows and keeps what is in it", () => {
    const memory = new WasmMemory(5136, false, 64 * MiB);
    const first = memory.allocate(4000);
    memory.view("float32", first, 1000).fill(1.5);
    const before = memory.memory.buffer.byteLength;
    const second = memory.allocate(16 * MiB);
    expect(memory.memory.buffer.byteLength).toBeGreaterThan(before);
    expect(memory.view("float32", first, 1000).every((value) => value === 1.5)).toBe(true);
    memory.view("uint8", second, 16 * MiB).fill(7);
    expect(memory.view("float32", first, 1000).every((value) => value === 1.5)).toBe(true);
    expect(memory.liveBytes).toBe(rounded(4000) + 16 * MiB);
  });

  test("grows by an eighth at least, so that many small ones grow it seldom", () => {
    const memory = new WasmMemory(5136, false, 64 * MiB);
    const grow = vi.spyOn(memory.memory, "grow");
    for (let i = 0; i < 480; i++) memory.allocate(64 * 1024); // 30 MiB
    expect(grow.mock.calls.length).toBeLessThan(50);
    expect(memory.memory.buffer.byteLength).toBeLessThan(36 * MiB);
  });

  test.for([false, true])("shared %s: runs out with an error that says how much, and goes on being usable", (shared) => {
    const memory = new WasmMemory(5136, shared, 2 * MiB);
    expect(memory.maximumBytes).toBe(2 * MiB);
    const kept = memory.allocate(MiB);
    memory.view("uint8", kept, MiB).fill(9);
    const failure = (() => {
      try {
        return memory.allocate(1.5 * MiB);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(OutOfMemoryError);
    expect(failure).toMatchObject({ name: "OutOfMemoryError", liveBytes: MiB, maximumBytes: 2 * MiB });
    expect(failure).toMatchObject({ requestedBytes: kept + 2.5 * MiB - memory.memory.buffer.byteLength }); // beyond what there is
    expect(String(failure)).toContain("1.0 MiB are live, and this runtime gives at most 2.0 MiB.");
    const small = memory.allocate(MiB / 2);
    expect(memory.view("uint8", kept, MiB).every((value) => value === 9)).toBe(true);
    memory.free(kept);
    memory.free(small);
    expect(memory.allocate(1.5 * MiB), "the same bytes once they are free").toBe(kept);
  });

  test("a kernel's scratch that doesn't fit leaves the core usable, on any number of threads", async () => {
    for (const threads of [1, 3]) {
      using core = await Core.create({ threads, maximumBytes: 2 * MiB });
      const [query, y] = [core.allocate(4096).as("float32"), core.allocate(4096).as("float32")];
      core.kernels.full({ y: query, value: 3, size: 1024 });
      const rows = {
        queryCount: 1,
        queryRows: 1,
        keyCount: 2 ** 22,
        keyRows: 0,
        maskBatches: 1,
        maskRowStride: 0,
        lookahead: 0,
        windows: 1,
      };
      const strides = { queryStride: 8, keyStride: 8, valueStride: 8, yStride: 8 };
      const sizes = { batch: 4, heads: 1, headSize: 8, scale: 1, ...rows, ...strides };
      expect(() => core.kernels.attention({ query, key: query, value: query, y, ...sizes })).toThrow(OutOfMemoryError);
      expect(core.memory.liveBytes).toBe(2 * 4096);
      core.kernels.full({ y, value: 3, size: 1024 });
      expect(y.block.read("float32", 0, 1024).every((value) => value === 3)).toBe(true);
    }
  });
});
