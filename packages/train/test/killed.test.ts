/** A run that is killed at any moment ends with the weights of one that isn't. `KILLS=30` kills as often; some ends are at the very beginning, some in a save. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const KILLS = Number(process.env["KILLS"] ?? 4);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "killed-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** @returns what it printed; undefined when it was killed first */
function run(name: string, threads: number, killAfter?: number): Promise<string | undefined> {
  const child = spawn(process.execPath, [
    "--conditions=@x/source",
    join(import.meta.dirname, "killed.ts"),
    join(folder, name),
    String(threads),
  ]);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
  return new Promise((resolve, reject) => {
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve(undefined);
      else if (code === 0) resolve(out);
      else reject(new Error(err));
    });
  });
}

test(
  `killed ${KILLS} times, it ends with the same weights, bit for bit, on any number of threads`,
  { retry: 0, timeout: 60_000 + 20_000 * KILLS },
  async () => {
    const begun = performance.now();
    const undisturbed = await run("whole", 1);
    let took = performance.now() - begun;
    expect(undisturbed).toMatch(/^[A-Za-z0-9+/=,]{100,}$/);
    let kills = 0;
    for (let i = 0; kills < KILLS; i++) {
      const name = `killed-${i}`;
      let end: string | undefined;
      for (let attempt = 0; end === undefined; attempt++) {
        const started = performance.now();
        end = await run(name, 1 + ((i + attempt) % 2), attempt < 3 ? (0.3 + 0.7 * Math.random()) * took : undefined);
        if (end === undefined) kills++;
        else if (attempt === 0) took = Math.min(took, performance.now() - started);
      }
      expect(end === undisturbed, `run ${i}`).toBe(true);
    }
  },
);
