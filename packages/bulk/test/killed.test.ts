/** A run that is killed at any moment, again and again, ends with the bytes of one that isn't. `KILLS=30` kills as often. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { textOf, writeEncoder } from "./models.ts";

const KILLS = Number(process.env["KILLS"] ?? 4);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-killed-"));
  await writeEncoder(join(folder, "encoder"));
  const rows = Array.from({ length: 1000 }, (_, i) => ({ id: i, text: i % 97 === 5 ? "whale ".repeat(99) : textOf(i) }));
  await writeFile(join(folder, "texts.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
});
afterAll(() => rm(folder, { recursive: true }));

/** @returns whether it came to its end */
function run(sink: string, workers: number, killAfter?: number): Promise<boolean> {
  const words = [join(folder, "texts.jsonl"), join(folder, "encoder"), join(folder, sink), String(workers)];
  const child = spawn(process.execPath, [
    "--conditions=@x/source",
    "--disable-warning=ExperimentalWarning",
    join(import.meta.dirname, "killed.ts"),
    ...words,
  ]);
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

test(
  `killed ${KILLS} times, it ends with the same bytes, with one model or two`,
  { retry: 0, timeout: 120_000 + 20_000 * KILLS },
  async () => {
    const begun = performance.now();
    expect(await run("whole.parquet", 1)).toBe(true);
    let took = performance.now() - begun;
    const [whole, errors] = await Promise.all(["whole.parquet", "whole.parquet.errors.jsonl"].map((name) => readFile(join(folder, name))));
    let [kills, runs] = [0, 0];
    while (kills < KILLS) {
      const sink = `killed-${runs++}.parquet`;
      // Some moments lie in the reading or in the putting together, most in between.
      for (let attempt = 0, isDone = false; !isDone; attempt++) {
        const started = performance.now();
        isDone = await run(sink, 1 + (attempt % 2), attempt < 4 ? (0.2 + 0.9 * Math.random()) * took : undefined);
        if (!isDone) kills++;
        else if (attempt === 0) took = Math.min(took, performance.now() - started);
      }
      expect((await readFile(join(folder, sink))).equals(whole ?? Buffer.alloc(0)), sink).toBe(true);
      expect((await readFile(join(folder, `${sink}.errors.jsonl`))).equals(errors ?? Buffer.alloc(0)), sink).toBe(true);
      expect((await readdir(folder)).filter((name) => name.startsWith(sink))).toEqual([sink, `${sink}.errors.jsonl`, `${sink}.job`]);
      expect((await readdir(join(folder, `${sink}.job`))).sort()).toEqual(["done.json", "job.json"]);
    }
  },
);
