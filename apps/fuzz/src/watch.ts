/** Beside a run: an input that takes more than ten seconds is kept, and the process ended. */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { keep } from "./corpus.ts";

const LONGEST = 10_000;
const { shared, name } = workerData as { readonly shared: SharedArrayBuffer; readonly name: string };
const beat = new Int32Array(shared, 0, 4);
const held = new Uint8Array(shared, 16);
let last = -1;
let since = performance.now();
setInterval(() => {
  const now = Atomics.load(beat, 0);
  if (now !== last) {
    last = now;
    since = performance.now();
  } else if (now > 0 && performance.now() - since > LONGEST) {
    writeSync(1, `${JSON.stringify({ reader: name, hang: keep(name, held.slice(0, beat[1])) })}\n`);
    process.kill(process.pid, "SIGKILL");
  }
}, 500);
