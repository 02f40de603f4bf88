/** A folder of fixtures: config, weights, and what goes in and comes out. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { intTensor, openCheckpoint, tensor, type Tensor } from "@x/layers";
import type { JsonObject } from "@x/layers/model";

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Fixture {
  readonly name: string;
  /** Where config and weights are: another folder's if this one has none. */
  readonly weights: string;
  readonly config: JsonObject;
  /** Names in the checkpoint. */
  readonly keys: ReadonlySet<string>;
  readonly io: ReadonlyMap<string, GoldenTensor>;
}

/** The model fixtures in a folder, by name. One without weights borrows those of the folder whose name its own continues: vit_mae_normpix, vit_mae. */
export async function readFixtures(folder: string): Promise<{ fixtures: Fixture[]; others: string[] }> {
  const fixtures: Fixture[] = [];
  const others: string[] = [];
  const names = (await readdir(folder)).sort();
  for (const name of names) {
    const path = join(folder, name);
    if (!existsSync(join(path, "io.json"))) {
      others.push(name);
      continue;
    }
    const lender = names.filter((other) => name.startsWith(other) && existsSync(join(folder, other, "model.safetensors"))).at(-1);
    if (lender === undefined) {
      others.push(name);
      continue;
    }
    const weights = join(folder, lender);
    const config = JSON.parse(
      await readFile(join(existsSync(join(path, "config.json")) ? path : weights, "config.json"), "utf8"),
    ) as JsonObject;
    const { entries } = await openCheckpoint(weights);
    const io = Object.entries(JSON.parse(await readFile(join(path, "io.json"), "utf8")) as Record<string, unknown>);
    fixtures.push({
      name: basename(path),
      weights,
      config,
      keys: new Set(entries.keys()),
      io: new Map(io.flatMap(([key, value]) => golden(key, value))),
    });
  }
  return { fixtures, others };
}

/** Tensors of io.json, those in lists by number. */
export function golden(key: string, value: unknown): [string, GoldenTensor][] {
  if (Array.isArray(value)) return value.flatMap((item, i) => golden(`${key}.${i}`, item));
  if (typeof value !== "object" || value === null || !("shape" in value) || !("data" in value)) return [];
  const { shape, data } = value as { shape: number[]; data: unknown };
  return [[key, { shape, data: (Array.isArray(data) ? data.flat(8) : [data]) as number[] }]];
}

export const toTensor = ({ shape, data }: GoldenTensor): Tensor => tensor(Float32Array.from(data), shape);
export const toIntTensor = ({ shape, data }: GoldenTensor): Tensor<"int32"> => intTensor(Int32Array.from(data), shape);
