/** A run that is killed at any moment, again and again, ends with the result of one that isn't: the same bytes, or rows. `KILLS=30` kills as often, with every sink. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rowsIn } from "./rows-in.ts";
import { textOf, writeEncoder } from "./models.ts";
import { missing, type Server, startPostgres } from "./servers.ts";

const KILLS = Number(process.env["KILLS"] ?? 3);
let folder: string;
let server: Server | undefined;
const at = (...names: readonly string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-killed-"));
  await writeEncoder(at("encoder"));
  // Some are too long, some missing.
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    id: i,
    text: i % 97 !== 5 ? textOf(i) : i % 2 === 0 ? "whale ".repeat(99) : null,
  }));
  await writeFile(at("texts.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  if (missing.postgres === undefined) server = await startPostgres();
}, 120_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Where a run's result goes. */
interface Kind {
  /** @param name of the run, in the sink's name */
  sink(name: string): string;
  /** Of a table. */
  job?(name: string): string;
  /** All that a result is. */
  read(name: string): Promise<unknown>;
  readonly model?: string;
  /** What gets the server that it needs; undefined where it is there. */
  readonly missing?: string | undefined;
}

/** Every file of a folder by its name. */
async function filesIn(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(join(path, name))).toString("latin1")] as const)),
  );
}

/** Rows, errors, and nothing else that was left. */
const tableIn = async (sink: string, job: string): Promise<unknown> => {
  const { "errors.jsonl": errors, ...others } = await filesIn(job);
  return { rows: (await rowsIn(sink)).map((row) => Object.entries(row).map(String)), errors, others: Object.keys(others) };
};

const kinds: Readonly<Record<string, Kind>> = {
  "one file": {
    sink: (name) => at(name, "vectors.parquet"),
    async read(name) {
      expect(await readdir(at(name))).toEqual(["vectors.parquet", "vectors.parquet.errors.jsonl", "vectors.parquet.job"]);
      const [whole, errors] = await Promise.all(["", ".errors.jsonl"].map((end) => readFile(at(name, `vectors.parquet${end}`), "latin1")));
      return { whole, errors, job: Object.keys(await filesIn(at(name, "vectors.parquet.job"))) };
    },
  },
  "a folder of parts": { sink: (name) => `${at(`parts-${name}`)}/`, read: (name) => filesIn(at(`parts-${name}`)) },
  LanceDB: {
    sink: (name) => `lancedb:${at(`${name}.lancedb`)}#texts`,
    read: (name) => tableIn(`lancedb:${at(`${name}.lancedb`)}#texts`, at(`${name}.lancedb.texts.job`)),
  },
  Postgres: {
    sink: (name) => `${server?.url}#${name}`,
    job: (name) => at(`${name}.job`),
    read: (name) => tableIn(`${server?.url}#${name}`, at(`${name}.job`)),
    missing: missing.postgres,
    ...(missing.pgvector !== undefined && { model: join(import.meta.dirname, "task.ts") }),
  },
};

/** @returns whether it came to its end */
function run({ sink, job, model = at("encoder") }: Kind, name: string, workers: number, killAfter?: number): Promise<boolean> {
  const program = ["--conditions=@x/source", "--disable-warning=ExperimentalWarning", join(import.meta.dirname, "killed.ts")];
  const words = [at("texts.jsonl"), model, sink(name), job?.(name) ?? "", String(workers)];
  const child = spawn(process.execPath, [...program, ...words]);
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
  return new Promise((resolve, reject) => {
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve(false);
      else if (code === 0) resolve(true);
      else reject(new Error(err));
    });
  });
}

describe(`killed ${KILLS} times, it ends with the same result, with one model or two`, () => {
  for (const [what, kind] of Object.entries(kinds)) {
    const because = kind.missing === undefined ? "" : ` (skipped: ${kind.missing})`;
    test.skipIf(kind.missing)(`${what}${because}`, { retry: 0, timeout: 120_000 + 20_000 * KILLS }, async () => {
      const begun = performance.now();
      expect(await run(kind, "whole", 1)).toBe(true);
      let took = performance.now() - begun;
      const whole = await kind.read("whole");
      let [kills, runs] = [0, 0];
      while (kills < KILLS) {
        const name = `killed_${runs++}`;
        // Some moments lie in the reading or in the putting together, most in between.
        for (let attempt = 0, isDone = false; !isDone; attempt++) {
          const started = performance.now();
          isDone = await run(kind, name, 1 + (attempt % 2), attempt < 4 ? (0.2 + 0.9 * Math.random()) * took : undefined);
          if (!isDone) kills++;
          else if (attempt === 0) took = Math.min(took, performance.now() - started);
        }
        expect(await kind.read(name), name).toEqual(whole);
      }
    });
  }
});
