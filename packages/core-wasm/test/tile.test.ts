/** The tile of a matrix product: chosen by itself or by the user, and of no consequence for the results. */
import { describe, expect, test, vi } from "vitest";
import { Core, CoreError, packedPanelsLength, type Tile } from "../src/index.ts";
import { TILES } from "../src/tile.ts";
import { Bench } from "./bench.ts";
import { packInt8Panels, packInt8Rows } from "./kernels.int8.ts";

/** Products as in a forward pass and in both gradients, whole numbers, and attention both ways: everything that is made of tiles. */
function everything(core: Core): readonly Uint8Array[] {
  using bench = new Bench(core);
  const bits: Uint8Array[] = [];
  for (const [m, k, n] of [
    [1, 65, 40],
    [7, 800, 24],
    [13, 30, 31],
    [150, 20, 33],
  ] as const) {
    const [a, b, bias] = [bench.numbers(m * k), bench.numbers(k * n), bench.numbers(n)];
    for (const [[rowStride, columnStride], [kStride, nStride]] of [
      [
        [k, 1],
        [1, k],
      ],
      [
        [k, 1],
        [n, 1],
      ],
      [
        [1, m],
        [n, 1],
      ],
    ] as const) {
      const [rows, panels, y] = [bench.output(m * k), bench.output(packedPanelsLength(k, n)), bench.output(m * n)];
      bench.kernels.packRows({ a, rows, m, k, rowStride, columnStride });
      bench.kernels.packPanels({ b, panels, k, n, kStride, nStride });
      const strides = { rowsBatchStride: 0, panelsBatchStride: 0, yBatchStride: 0, yRowStride: n };
      bench.kernels.matmul({ rows, panels, y, bias, ...strides, batch: 1, m, k, n, accumulate: false, activation: "gelu" });
      bench.kernels.matmul({ rows, panels, y, ...strides, batch: 1, m, k, n, accumulate: true });
      bits.push(bench.bits(y));
    }
    const [x, weight, y] = [bench.numbers(m * k), bench.numbers(n * k), bench.output(m * n)];
    bench.kernels.int8Matmul({ rows: packInt8Rows(bench, x, m, k), panels: packInt8Panels(bench, weight, k, n), y, m, k, n });
    bits.push(bench.bits(y));
  }
  const [tokens, heads, headSize] = [101, 2, 20];
  const size = tokens * heads * headSize;
  const [query, key, value, dy] = [bench.numbers(size), bench.numbers(size), bench.numbers(size), bench.numbers(size)];
  const [y, logSumExp] = [bench.output(size), bench.output(heads * tokens)];
  const [dq, dk, dv] = [bench.output(size), bench.output(size), bench.output(size)];
  const stride = heads * headSize;
  const strides = { queryStride: stride, keyStride: stride, valueStride: stride, yStride: stride };
  const lengths = { heads, headSize, queryCount: tokens, keyCount: tokens, queryRows: tokens, keyRows: tokens };
  const shape = { ...lengths, ...strides, batch: 1, windows: 1, scale: 0.3, maskBatches: 1, maskRowStride: 0, lookahead: 3 };
  bench.kernels.attention({ query, key, value, y, logSumExp, ...shape });
  bench.kernels.attentionBackward({ dy, query, key, value, y, logSumExp, dq, dk, dv, ...shape });
  return [...bits, ...[y, logSumExp, dq, dk, dv].map((output) => bench.bits(output))];
}

describe.for(["plain", "relaxed"] as const)("%s", (simd) => {
  test.for([1, 3])("the same bits with every tile, on %i threads", async (threads) => {
    const bits: (readonly Uint8Array[])[] = [];
    for (const tile of TILES) {
      using core = await Core.create({ simd, threads, tile });
      expect(core.tile).toBe(tile);
      bits.push(everything(core));
    }
    for (const [t, some] of bits.entries())
      for (const [i, found] of some.entries()) expect(Buffer.compare(found, bits[0]?.[i] ?? found), `result ${i} with ${TILES[t]}`).toBe(0);
  });
});

describe("chosen by the core", () => {
  const tileWith = async (simd: "plain" | "relaxed"): Promise<Tile> => {
    using core = await Core.create({ simd, threads: 1 });
    return core.tile;
  };

  test("where a tile is clearly the fastest, it is taken, and where none is, what fits the engine", async () => {
    expect(await timed({ "4x8": 0.03, "6x8": 0.02, "6x16": 0.01 })).toBe("6x16");
    expect(await timed({ "4x8": 0.02, "6x8": 0.02, "6x16": 0.019 })).toBe("6x8");
  });

  test("a race that was interrupted, so that it has few laps, tells nothing", async () => {
    expect(await timed({ "4x8": 3, "6x8": 2, "6x16": 1 })).toBe("6x8");
  });

  /** What is chosen when products with these tiles take so many milliseconds. */
  async function timed(milliseconds: Partial<Record<Tile, number>>): Promise<Tile> {
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    const set = vi.spyOn(Int32Array.prototype, "set").mockImplementation(function (this: Int32Array, values, offset = 0) {
      const numbers = Array.from(values);
      for (const [i, value] of numbers.entries()) this[offset + i] = value;
      now += milliseconds[numbers.join("x") as Tile] ?? 0;
    });
    try {
      return await tileWith("relaxed");
    } finally {
      set.mockRestore();
      clock.mockRestore();
    }
  }
});

test("what isn't a tile is refused", async () => {
  await expect(Core.create({ tile: "7x8" as Tile, threads: 1 })).rejects.toThrow(
    new CoreError("tile must be one of 4x8, 5x8, 6x8, 4x16, 5x16, 6x16, but is 7x8"),
  );
});
