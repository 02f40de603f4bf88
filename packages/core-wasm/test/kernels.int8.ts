/** Matrix products in whole numbers, and their operands. */
import { expect } from "vitest";
import { int8Matmul, int8Panels, int8Rows } from "../reference/int8-matmul.ts";
import { int8PanelsBytes, int8RowsBytes } from "../src/index.ts";
import type { Bench, Given, KernelCase, Output } from "./bench.ts";
import { activations } from "./kernels.usual.ts";

export function packInt8Rows(bench: Bench, x: Given, m: number, k: number): Output<"uint8"> {
  const rows = bench.bytesOutput(int8RowsBytes(m, k)); // a build that packs bytes leaves half of the room
  bench.kernels.int8Rows({ x, rows, m, k });
  return rows;
}

export function packInt8Panels(bench: Bench, weight: Given, k: number, n: number): Output<"uint8"> {
  const panels = bench.bytesOutput(int8PanelsBytes(k, n));
  bench.kernels.int8Panels({ weight, panels, k, n });
  return panels;
}

export const int8 = {
  int8Rows: (bench, n) => {
    const m = Math.min(n, 64) + 3;
    const x = bench.numbers(m * n);
    const rows = packInt8Rows(bench, x, m, n);
    const expected = int8Rows(x.values, m, n, bench.core.simd === "plain" ? "words" : "bytes");
    expect([...bench.read(rows).subarray(0, expected.length)]).toEqual(expected);
    return [rows];
  },
  int8Panels: (bench, n) => {
    const k = n + 2;
    const weight = bench.numbers(n * k);
    const panels = packInt8Panels(bench, weight, k, n);
    expect([...bench.read(panels)]).toEqual(int8Panels(weight.values, k, n));
    return [panels];
  },
  int8Matmul: (bench, n) =>
    [undefined, ...activations].map((activation, i) => {
      const m = Math.min(n, 64) + i;
      const [x, weight, vector] = [bench.numbers(m * n), bench.numbers(n * n), bench.numbers(n)];
      const [rows, panels] = [packInt8Rows(bench, x, m, n), packInt8Panels(bench, weight, n, n)];
      const bias = i % 2 === 0 ? vector : undefined;
      const y = bench.output(m * n);
      bench.kernels.int8Matmul({ rows, panels, y, bias, m, k: n, n, activation });
      bench.expect(y, int8Matmul(x.values, weight.values, m, n, n, { activation, ...(bias && { bias: bias.values }) }));
      return y;
    }),
} satisfies Readonly<Record<string, KernelCase>>;
