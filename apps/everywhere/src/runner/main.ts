/** `npm run everywhere`: the suite in every runtime that is found. `--install` fetches those that npm has, `--only` chooses, `--write` writes docs/parity.md. */
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { browserRuntimes } from "./browsers.ts";
import { bundle } from "./bundle.ts";
import { commandRuntimes } from "./commands.ts";
import { parityDocument } from "./document.ts";
import { runtimesFolder } from "./process.ts";
import { disagreements, type Result } from "./verdict.ts";
import { workerdRuntime } from "./workerd.ts";

const { values: options } = parseArgs({
  options: { install: { type: "boolean" }, write: { type: "boolean" }, only: { type: "string" } },
});
if (options.install) {
  const { status } = spawnSync("npm", ["install", "--no-package-lock"], { cwd: runtimesFolder, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const packages = fileURLToPath(new URL("../../../../packages", import.meta.url));
const wanted = options.only?.toLowerCase().split(",");
const runtimes = [...commandRuntimes(packages), workerdRuntime(packages), ...browserRuntimes(packages)].filter(
  ({ name }) => !wanted || wanted.some((word) => name.toLowerCase().startsWith(word)),
);
await bundle();

const results: Result[] = [];
const skipped: string[] = [];
let wrong: string[] = [];
for (const { name, howToGet, find } of runtimes) {
  const found = await find();
  if (!found) {
    skipped.push(`${name} (${howToGet})`);
    console.log(`${name.padEnd(14)} not installed: ${howToGet}`);
    continue;
  }
  for await (const report of found.run()) {
    results.push({ ...report, runtime: name, version: found.version });
    const verdict = disagreements(results).length > wrong.length ? "DISAGREES" : "agrees";
    wrong = disagreements(results);
    console.log(`${name.padEnd(14)} ${found.version.padEnd(18)} ${report.context.padEnd(36)} ${verdict}`);
  }
}

for (const line of wrong.slice(0, 20)) console.error(line);
if (wrong.length > 20) console.error(`and ${wrong.length - 20} more`);
const count = new Set(results.map(({ runtime }) => runtime)).size;
console.log(`\n${results.length} contexts of ${count} runtimes, ${skipped.length} runtimes not installed, ${wrong.length} disagreements.`);
if (options.write) await writeFile(new URL("../../../../docs/parity.md", import.meta.url), parityDocument(results, skipped));
process.exitCode = wrong.length > 0 || results.length === 0 ? 1 : 0;
