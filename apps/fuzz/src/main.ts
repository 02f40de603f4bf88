/**
 * Tries inputs that are nearly right on everything that reads what strangers send, each reader in a process of its own, and says what came of them.
 *
 *     npm run fuzz -- --seconds 60 --seed 1 --readers png,jpg --most 100000 --grow
 *
 * A seed gives the same inputs again. `--grow` keeps one small input for each new thing that a reader says in `corpus/`. Ends with 1 when there are faults.
 */
import { execFile } from "node:child_process";
import { execPath, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import type { Tally } from "./child.ts";
import { readers } from "./readers/all.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    readers: { type: "string", default: "" },
    most: { type: "string", default: "Infinity" },
    at: { type: "string", default: "1" },
    grow: { type: "boolean", default: false },
  },
});
const all = readers().map(({ name }) => name);
const names = values.readers === "" ? all : values.readers.split(",");
const child = fileURLToPath(new URL("child.ts", import.meta.url));
const flags = ["--conditions=@x/source", "--disable-warning=ExperimentalWarning"];
const tallies: Tally[] = [];
const lost: string[] = [];

async function run(name: string): Promise<void> {
  const given = [...flags, child, name, values.seed, values.seconds, values.most, values.grow ? "grow" : ""];
  const { stdout: text } = await promisify(execFile)(execPath, given, { maxBuffer: 2 ** 26 }).catch((error: { stdout: string }) => error);
  const last = text.trim().split("\n").at(-1) ?? "";
  const found = (last.startsWith("{") ? JSON.parse(last) : {}) as Partial<Tally> & { readonly hang?: string };
  if (found.tried === undefined) lost.push(`${name}: ${found.hang === undefined ? "the process ended" : `hangs: ${found.hang}`}`);
  else tallies.push(found as Tally);
}

const waiting = [...names];
await Promise.all(
  Array.from({ length: Number(values.at) }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await run(name);
  }),
);
const row = (...cells: readonly (string | number)[]): void => void stdout.write(`| ${cells.join(" | ")} |\n`);
row("reader", "tried", "read", "refused", "things said", "faults", "slowest, ms", "grew, MB");
row(...Array.from({ length: 8 }, () => "---"));
for (const one of tallies.toSorted((a, b) => all.indexOf(a.reader) - all.indexOf(b.reader)))
  row(one.reader, one.tried, one.read, one.refused, one.messages, one.faults.length, one.slowestMilliseconds, one.megabytes);
row(
  "all",
  tallies.reduce((sum, { tried }) => sum + tried, 0),
  "",
  "",
  "",
  "",
  "",
  "",
);
const faults = [...tallies.flatMap(({ reader, faults: found }) => found.map((one) => `${reader}: ${one}`)), ...lost];
for (const fault of faults) stdout.write(`${fault}\n`);
process.exit(faults.length > 0 ? 1 : 0);
