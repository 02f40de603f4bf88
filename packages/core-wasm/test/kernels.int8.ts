/** Matrix products in whole numbers, and their operands. */
import { expect } from "vitest";
import { int8Matmul, int8Panels, int8Rows } from "../reference/int8-matmul.ts";
import {
  INT8_MATMUL_SCRATCH,
  int8PanelsBytes,
  int8PanelsUnits,
  int8RowsBytes,
  int8RowsUnits,
  matmulUnits,
  type Core,
} from "../src/index.ts";
import type { Bench, KernelCase, Operand, Output } from "./bench.ts";

/** Zeros, since a build that packs bytes leaves half of the room for rows alone. */
function room(bench: Bench, bytes: number): Output {
  return bench.output(bytes / 4, new Float32Array(bytes / 4));
}

export function packInt8Rows(bench: Bench, x: Operand, m: number, k: number): Output {
  const rows = room(bench, int8RowsBytes(m, k));
  bench.launch("int8Rows", int8RowsUnits(m), x.pointer, rows.pointer, m, k);
  return rows;
}

export function packInt8Panels(bench: Bench, weight: Operand, k: number, n: number): Output {
  const panels = room(bench, int8PanelsBytes(k, n));
  bench.launch("int8Panels", int8PanelsUnits(n), weight.pointer, panels.pointer, k, n);
  return panels;
}

export const rowElement = ({ simd }: Core): "bytes" | "words" => (simd === "relaxed" ? "bytes" : "words");

export const int8 = {
  int8Rows: (bench, n) => {
    const m = Math.min(n, 64) + 3;
    const x = bench.numbers(m * n);
    const rows = packInt8Rows(bench, x, m, n);
    const expected = int8Rows(x.values, m, n, rowElement(bench.core));
    expect([...bench.readBytes(rows, expected.length)]).toEqual(expected);
    return [rows];
  },
  int8Panels: (bench, n) => {
    const k = n + 2;
    const weight = bench.numbers(n * k);
    const panels = packInt8Panels(bench, weight, k, n);
    const expected = int8Panels(weight.values, k, n);
    expect([...bench.readBytes(panels, 4 * panels.length)]).toEqual(expected);
    return [panels];
  },
  int8Matmul: (bench, n) =>
    [0, 1, 2, 3, 4, 5, 6].map((activation) => {
      const m = Math.min(n, 64) + activation;
      const [x, weight, bias] = [bench.numbers(m * n), bench.numbers(n * n), bench.numbers(n)];
      const [rows, panels] = [packInt8Rows(bench, x, m, n), packInt8Panels(bench, weight, n, n)];
      const y = bench.output(m * n);
      const biasAt = activation % 2 === 0 ? bias.pointer : 0;
      // prettier-ignore
      bench.launchWithScratch("int8Matmul", matmulUnits(1, m, n), INT8_MATMUL_SCRATCH, rows.pointer, panels.pointer, y.pointer,
        m, n, n, biasAt, activation);
      bench.expect(y, int8Matmul(x.values, weight.values, m, n, n, { activation, ...(biasAt !== 0 && { bias: bias.values }) }));
      return y;
    }),
} satisfies Readonly<Record<string, KernelCase>>;
