/** `pnpm bench`: our kernels and models against other libraries, outputs checked first. See ../README.md. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Job, Message } from "./child.ts";
import { compareRuns, comparisonText } from "./compare.ts";
import { help, type Options, parseCompare, parseOptions, parseReport, UsageError } from "./options.ts";
import { readRows, writeReports } from "./report/files.ts";
import type { Result, Skip } from "./report/rows.ts";
import { skipped, table, verdict } from "./report/table.ts";

const results: Result[] = [];
const skips: Skip[] = [];
const failures: string[] = [];

try {
  const [command, ...words] = process.argv.slice(2).filter((word) => word !== "--"); // pnpm may hand it on
  if (command === "compare") await compare(words);
  else if (command === "report") await report(words);
  else await bench(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${help}`);
  process.exitCode = 2;
}

async function bench({ suites, threads, json, html, markdown, help: wantsHelp, ...rest }: Options): Promise<void> {
  if (wantsHelp) return console.log(help);
  for (const count of threads) for (const suite of suites) await runChild({ ...rest, suite, threads: count });

  console.log(`\n${table(results)}`);
  if (skips.length > 0) console.log(`\nSkipped:\n${skipped(skips)}`);
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join("\n")}`);
  console.log(`\n${verdict(results)}. Ratios are peer ÷ ours in time: above 1, ours is faster.`);
  await writeReports(
    results.map(({ row }) => row),
    { json, html, markdown },
  );
  process.exitCode = failures.length > 0 || results.length === 0 || results.some(({ agreement }) => !agreement.agrees) ? 1 : 0;
}

async function report(words: readonly string[]): Promise<void> {
  const { files, html, markdown } = parseReport(words);
  await writeReports((await Promise.all(files.map(readRows))).flat(), { html, markdown });
}

async function compare(words: readonly string[]): Promise<void> {
  const { before, after, threshold } = parseCompare(words);
  const comparison = compareRuns(await readRows(before), await readRows(after), threshold);
  console.log(comparisonText(comparison, threshold));
  process.exitCode = comparison.regressions.length > 0 || comparison.changes.length === 0 ? 1 : 0;
}

function runChild(job: Job): Promise<void> {
  return new Promise((done) => {
    const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), [JSON.stringify(job)]);
    child.on("message", (message) => note(message as Message));
    child.on("close", (code, signal) => {
      if (code !== 0) failures.push(`${job.suite}, ${job.threads} threads: ended with ${signal ?? code}`);
      done();
    });
  });
}

function note(message: Message): void {
  if ("skip" in message) {
    const { case: name, threads, peer, reason } = message.skip;
    skips.push(message.skip);
    console.log(`${name}, threads ${threads}: ${peer} skipped: ${reason}`);
    return;
  }
  const { row, agreement } = message.result;
  results.push(message.result);
  const remark = agreement.agrees ? "" : `  DIFFERS by ${row.maxAbsDiff.toExponential(1)}`;
  console.log(`${row.case}, threads ${row.threads}: ${row.ratio.toFixed(2)} of ${row.peer}${remark}`);
}
