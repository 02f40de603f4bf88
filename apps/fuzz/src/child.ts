/** One reader, a seed and a number of inputs: tries them and tells what came of them. A thread beside it ends what hangs, and keeps the input. */
import { argv, stdout } from "node:process";
import { Worker } from "node:worker_threads";
import { init, liveBytes } from "@x/layers";
import { keep, keptOf } from "./corpus.ts";
import { drawn } from "./draw.ts";
import { outcomeOf } from "./reader.ts";
import { readers } from "./readers/all.ts";

/** What a run of a reader found. */
export interface Tally {
  readonly reader: string;
  readonly tried: number;
  readonly read: number;
  readonly refused: number;
  /** What was said, once each. */
  readonly messages: number;
  /** Faults: errors of foreign classes, memory that wasn't freed, slow ones, with the files that show them. */
  readonly faults: readonly string[];
  readonly slowestMilliseconds: number;
  /** How much the process grew. */
  readonly megabytes: number;
}

const [name = "", seed = "1", seconds = "10", most = "Infinity", grow = ""] = argv.slice(2);
const SLOW = 1000;
const LONGEST_KEPT = 2000;
const MOST_KEPT = 40;

const reader = readers().find((one) => one.name === name);
if (!reader) throw new RangeError(`there is no reader ${name}`);
await init({ threads: 1 });

/** A beat at each input, its length and its bytes: what the thread beside this one looks at. */
const shared = new SharedArrayBuffer(16 + (1 << 20));
const beat = new Int32Array(shared, 0, 4);
const held = new Uint8Array(shared, 16);
new Worker(new URL("watch.ts", import.meta.url), { workerData: { shared, name } }).unref();

const draw = drawn(Number(seed));
const messages = new Set<string>();
let kept = keptOf(name).length;
for (const { bytes } of keptOf(name)) messages.add((await outcomeOf(reader, bytes)).what);
const faults = new Map<string, string>();
const fault = (what: string, input: Uint8Array<ArrayBuffer>): void => {
  if (!faults.has(what)) faults.set(what, `${what}: ${keep(name, input)}`);
};
const count = { tried: 0, read: 0, refused: 0, foreign: 0 };
let slowest = 0;
const [live, resident] = [liveBytes(), process.memoryUsage().rss];
let leaked = 0;
const end = performance.now() + 1000 * Number(seconds);
while (performance.now() < end && count.tried < Number(most)) {
  const input = reader.next(draw);
  held.set(input.subarray(0, held.length));
  beat[1] = Math.min(input.length, held.length);
  Atomics.add(beat, 0, 1);
  const { kind, what, milliseconds } = await outcomeOf(reader, input);
  count.tried++;
  count[kind]++;
  slowest = Math.max(slowest, milliseconds);
  if (kind === "foreign") fault(`foreign ${what}`, input);
  if (milliseconds > SLOW) fault(`${Math.round(milliseconds / 1000)} s ${what}`, input);
  const left = liveBytes() - live;
  // A model that an adapter is tried on stays.
  if (left > leaked && count.tried > 100) fault(`leaves memory, ${what}`, input);
  leaked = Math.max(leaked, left);
  if (kind !== "foreign" && !messages.has(what) && input.length <= LONGEST_KEPT) {
    messages.add(what);
    if (grow !== "" && kept++ < MOST_KEPT) keep(name, input);
  }
  if (count.tried % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
}
const tally: Tally = {
  reader: name,
  tried: count.tried,
  read: count.read,
  refused: count.refused,
  messages: messages.size,
  faults: [...faults.values()],
  slowestMilliseconds: Math.round(slowest),
  megabytes: Math.round((process.resourceUsage().maxRSS * 1024 - resident) / 1e6),
};
stdout.write(`${JSON.stringify(tally)}\n`);
process.exit(0);
