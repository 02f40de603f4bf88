/** The one suite: the same code in Node, Deno, Bun, browsers, their workers, and workerd. */
import { type Build, detectSimd, type Simd } from "@x/core-wasm";
import { backward, init, liveBytes, type Module, scope, shutdown } from "@x/layers";
import { encodeSafetensors, tensorsToSave } from "@x/layers/save";
import { families } from "./families.ts";
import type { Family, Files } from "./family.ts";
import { type Golden, readGolden } from "./golden.ts";
import { hexadecimal } from "./hexadecimal.ts";
import { judgePictures, type PicturesVerdict } from "./pictures.ts";

export interface Surroundings {
  /** A file below packages/. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Kernels that were compiled before: for runtimes that forbid compiling. Default: what travels inside the package. */
  readonly kernels?: Readonly<Record<Build, WebAssembly.Module>>;
}

export interface Verdict {
  readonly family: string;
  /** How many outputs and gradients were compared with golden ones. */
  readonly compared: number;
  /** Largest difference, relative to 1 or to the largest golden magnitude if that is larger. */
  readonly largestError: number;
  /** SHA-256 of every output and gradient. */
  readonly hash: string;
  readonly failures: readonly string[];
}

export interface Run {
  readonly simd: Simd;
  readonly threadsAsked: number;
  readonly threads: number;
  readonly verdicts: readonly Verdict[];
}

export interface Report {
  readonly userAgent: string;
  readonly isolated: boolean;
  readonly fastest: Build | undefined;
  /** What the page's content security policy refused. */
  readonly violations: readonly string[];
  readonly pictures: PicturesVerdict;
  readonly runs: readonly Run[];
}

const TOLERANCE = 1e-5;

/** The plain build with 1, 2 and 3 threads, and the relaxed one, where there is one, with 2, also on 256-bit vectors where they can be had. */
export async function runSuite(surroundings: Surroundings): Promise<Report> {
  const fastest = detectSimd();
  const runs: Run[] = [];
  for (const threads of [1, 2, 3]) runs.push(...(await runOnce(surroundings, "plain", threads)));
  if (fastest === "relaxed") runs.push(...(await runOnce(surroundings, "relaxed", 2)), ...(await runOnce(surroundings, "wide", 2)));
  const pictures = await judgePictures(surroundings.read, surroundings.kernels === undefined);
  const { userAgent = "" } = globalThis.navigator ?? {};
  return { userAgent, isolated: globalThis.crossOriginIsolated === true, fastest, violations: [], pictures, runs };
}

/** One run, or none where the kernels can't be had so. */
async function runOnce(surroundings: Surroundings, simd: Simd, threadsAsked: number): Promise<readonly Run[]> {
  const wasm = surroundings.kernels?.[simd === "wide" ? "relaxed" : simd];
  const { threads, refusal } = await init({ simd, threads: threadsAsked, ...(wasm ? { wasm } : {}) });
  try {
    if (refusal !== undefined) return [];
    const verdicts: Verdict[] = [];
    for (const family of families) verdicts.push(await judge(family, surroundings));
    return [{ simd, threadsAsked, threads, verdicts }];
  } finally {
    shutdown();
  }
}

async function judge(family: Family, { read }: Surroundings): Promise<Verdict> {
  const before = liveBytes();
  const file = async (name: string) => [name, await read(`${family.golden}/${name}`)] as const;
  const files: Files = new Map(family.golden ? await Promise.all([file("config.json"), file("model.safetensors")]) : []);
  const golden: Golden = family.golden ? await readGolden(await read(`${family.golden}/golden.safetensors`)) : new Map();
  const failures: string[] = [];
  const results = await outputsAndGradients(family, files, golden);
  if (liveBytes() !== before) failures.push(`${liveBytes() - before} bytes were left`);

  let [compared, largestError] = [0, 0];
  for (const [key, values] of results) {
    const expected = golden.get(key)?.values;
    if (!expected) {
      if (family.golden) failures.push(`${key} has no golden numbers`);
      continue;
    }
    const error = relativeError(values, expected);
    compared++;
    largestError = Math.max(largestError, error);
    if (!(error <= TOLERANCE)) failures.push(`${key} differs by ${error}`);
  }
  for (const key of golden.keys()) if (key.startsWith("grad.") && !results.has(key)) failures.push(`${key} was not computed`);
  return { family: family.name, compared, largestError, hash: await sha256(results), failures };
}

async function outputsAndGradients(family: Family, files: Files, golden: Golden): Promise<ReadonlyMap<string, Float32Array<ArrayBuffer>>> {
  const { model, layout, forward } = await family.load(files);
  try {
    const results = new Map<string, Float32Array<ArrayBuffer>>();
    const gradients = scope(() => {
      const outputs = forward(golden);
      backward(outputs.loss);
      for (const [key, { data }] of Object.entries(outputs)) results.set(key, Float32Array.from(data));
      return gradientsOf(model);
    });
    // Written and read back, gradients have the names, joins and transpositions of the layout.
    const renamed = layout ? encodeSafetensors(tensorsToSave(gradients, layout)) : encodeSafetensors(gradients);
    for (const [key, { values }] of await readGolden(new Uint8Array(await renamed.arrayBuffer()))) results.set(`grad.${key}`, values);
    return results;
  } finally {
    model.dispose();
  }
}

/** By the parameters' paths, copied. */
const gradientsOf = (model: Module): ReadonlyMap<string, { readonly shape: readonly number[]; view(): Float32Array }> =>
  new Map(
    [...model.namedParameters()].flatMap(([path, { grad, shape }]) => {
      if (!grad) return [];
      const copy = Float32Array.from(grad.data);
      return [[path, { shape, view: () => copy }] as const];
    }),
  );

/** Largest absolute difference over 1 or the largest expected magnitude; NaN if one isn't a number or the lengths differ. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let [worst, scale] = [0, 1];
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] ?? Number.NaN, expected[i] ?? Number.NaN];
    const difference = Math.abs(a - e);
    if (Number.isNaN(difference)) return Number.NaN;
    worst = Math.max(worst, difference);
    scale = Math.max(scale, Math.abs(e));
  }
  return worst / scale;
}

async function sha256(results: ReadonlyMap<string, Float32Array<ArrayBuffer>>): Promise<string> {
  const sorted = [...results].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = sorted.flatMap(([key, values]) => [new TextEncoder().encode(`${key}:${values.length};`), values]);
  return hexadecimal(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
}
