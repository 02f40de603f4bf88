/** Weights that both sides make from hashed integers, tools/reference/hashed.py, and the comparison of what models make of them. */
import { expect } from "vitest";
import { type Module, tensor, type Tensor } from "@x/layers";
import { type WeightLayout, weightsOf } from "@x/layers/model";
import { tensorsToSave } from "@x/layers/save";
import { cosine } from "./close.ts";

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

/** Fills the parameters in the order of their names on disk, as tools/reference/hashed.py does; running statistics become those of N(0, 1). */
export function fill(model: Module, layout: WeightLayout): void {
  const weights = [...weightsOf(model)];
  for (const [path, { view }] of weights.filter(([name]) => isStatistic(name))) view().fill(path.endsWith("Var") ? 1 : 0);
  const parameters = new Map(weights.filter(([name]) => !isStatistic(name)));
  let first = 0;
  for (const [key, entry] of [...tensorsToSave(parameters, layout)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!("view" in entry)) throw new Error(`${key} is stored in pieces`);
    const { shape, transpose } = entry;
    const view = entry.view();
    const [rows = 1] = shape;
    const fanIn = view.length / rows;
    const isWeight = key.endsWith("weight");
    for (let i = 0; i < view.length; i++) {
      // What is stored the other way round is numbered as it is stored.
      const u = uniform(first + (transpose ? (i % fanIn) * rows + Math.floor(i / fanIn) : i));
      view[i] = !isWeight ? u / 25 : shape.length === 1 ? 1 + u / 5 : (3.4 * u) / Math.sqrt(fanIn);
    }
    first += view.length;
  }
}

const isStatistic = (path: string): boolean => /\.running(Mean|Var)$/.test(path);

/** (1, 3, 224, 224) */
export const hashedImage = (): Tensor =>
  tensor(
    Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => 2 * uniform(1e9 + i)),
    [1, 3, 224, 224],
  );

/** The cosine of an output with what PyTorch says of it. */
export function cosineWith(expected: Expected | undefined, { data, shape }: Tensor): number {
  if (!expected) throw new Error("there are no golden numbers of that name");
  expect(shape).toEqual(expected.shape);
  const { step, values } = expected;
  return cosine(
    values.map((_, i) => data[i * step] ?? Number.NaN),
    values,
  );
}
