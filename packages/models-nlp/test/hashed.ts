/** Weights that both sides make from hashed integers, tools/reference/hashed.py, and the comparison of what models make of them. */
import { type Module, tensorsToSave, type Tensor, type WeightLayout, weightsOf } from "@x/layers";
import { expect } from "vitest";

/** Some numbers of an output. */
export interface Expected {
  readonly shape: readonly number[];
  /** Every step-th number is kept. */
  readonly step: number;
  readonly values: readonly number[];
}

/** Integer i hashed to [−½, ½). */
export function uniform(i: number): number {
  let x = i >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
}

/** Fills the parameters in the order of their names on disk, as tools/reference/hashed.py does. */
export function fill(model: Module, layout: WeightLayout): void {
  let first = 0;
  const entries = [...tensorsToSave(weightsOf(model), layout)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, entry] of entries) {
    if (!("view" in entry)) throw new Error(`${key} is stored in pieces`);
    const { shape } = entry;
    const view = entry.view();
    const fanIn = view.length / (shape[0] ?? 1);
    const isWeight = key.endsWith("weight");
    for (let i = 0; i < view.length; i++) {
      const u = uniform(first + i);
      view[i] = !isWeight ? u / 25 : shape.length === 1 ? 1 + u / 5 : (3.4 * u) / Math.sqrt(fanIn);
    }
    first += view.length;
  }
}

export function cosine({ data, shape }: Tensor, expected: Expected | undefined): number {
  expect(shape).toEqual(expected?.shape);
  let [dot, ours, theirs] = [0, 0, 0];
  for (const [i, value] of (expected?.values ?? []).entries()) {
    const a = data[i * (expected?.step ?? 1)] ?? Number.NaN;
    dot += a * value;
    ours += a * a;
    theirs += value * value;
  }
  return dot / Math.sqrt(ours * theirs);
}
