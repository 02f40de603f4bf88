/**
 * Trains each of the eight systems from nothing, as its paper does, in small, and writes one page about it: `npm run papers [-- name…]`.
 * As many run at a time as there are cores. A run that was interrupted goes on where it was; what is finished is run again only when it is named.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lab } from "./lab.ts";
import { parseOptions } from "./options.ts";
import { writePage } from "./page/html.ts";
import { publish } from "./page/publish.ts";
import { papers } from "./papers.ts";

const { named, threads, lab, publishes } = parseOptions();
await mkdir(lab.folder, { recursive: true });
const reported = () => Promise.all(papers.map(({ id }) => new Lab(id, lab).found(id)));

const before = await reported();
const isDone = (i: number): boolean => before[i]?.seed === lab.seed && before[i]?.share === lab.share;
const waiting = publishes ? [] : papers.map(({ id }) => id).filter((id, i) => (named.length > 0 ? named.includes(id) : !isDone(i)));
const each = threads ?? (waiting.length > 1 ? 1 : availableParallelism());
const began = performance.now();
const [started, failed] = [waiting.length, [] as string[]];
await Promise.all(Array.from({ length: availableParallelism() }, runWaiting));
if (started > 1) console.log(`${started} papers in ${((performance.now() - began) / 60_000).toFixed(1)} minutes`);

const reports = (await reported()).filter((report) => report !== undefined);
await writePage(join(lab.folder, "index.html"), papers, reports);
console.log(`The page: ${join(lab.folder, "index.html")}`);
if (publishes) await publish(fileURLToPath(new URL("../../../docs", import.meta.url)), papers, reports);
if (failed.length > 0) {
  console.error(`did not end: ${failed.join(", ")}`);
  process.exitCode = 1;
}

/** Runs papers, one after another, until none waits. */
async function runWaiting(): Promise<void> {
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const options = ["--threads", `${each}`, "--seed", `${lab.seed}`, "--share", `${lab.share}`, "--out", lab.folder];
    const program = fileURLToPath(new URL("one.ts", import.meta.url));
    const [code] = (await once(spawn(process.execPath, [...process.execArgv, program, id, ...options], { stdio: "inherit" }), "exit")) as [
      number | null,
    ];
    if (code !== 0) failed.push(id);
  }
}
