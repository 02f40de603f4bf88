/** `pnpm bench`: our kernels and models against other libraries, outputs checked first. See ../README.md. */
import type { Job, Message } from "./child.ts";
import { compareRuns, comparisonText } from "./compare.ts";
import { coldStart } from "./fresh/cold-start.ts";
import { downloads } from "./fresh/downloads.ts";
import { memoryOf } from "./fresh/footprint.ts";
import { help, type Options, parseCompare, parseOptions, parseReport, UsageError } from "./options.ts";
import { readFootprints, readRows, writeReports } from "./report/files.ts";
import { type Footprint, footprintMarkdown } from "./report/footprint.ts";
import type { Result, Skip } from "./report/rows.ts";
import { skipped, table, verdict } from "./report/table.ts";
import { findRuntimes } from "./runtimes.ts";
import type { FoundRuntime } from "./runtimes/runtime.ts";

const results: Result[] = [];
const footprints: Footprint[] = [];
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

async function bench({ suites, runtimes, threads, json, html, markdown, footprint, help: wantsHelp, ...rest }: Options): Promise<void> {
  if (wantsHelp) return console.log(help);
  const { found, missing } = await findRuntimes(runtimes);
  for (const { name, howToGet } of missing) console.log(`${name} is not installed: ${howToGet}`);
  for (const runtime of found) {
    const { name, version } = runtime;
    for (const count of threads) {
      for (const suite of suites) await runSuite(runtime, { ...rest, suite, threads: count, runtime: { name, version } });
    }
  }

  if (suites.includes("footprint") && found.length > 0) footprints.push(...(await downloads(rest.peers)));

  if (results.length > 0) console.log(`\n${table(results)}`);
  if (footprints.length > 0) console.log(`\n${footprintMarkdown(footprints)}`);
  if (skips.length > 0) console.log(`\nSkipped:\n${skipped(skips)}`);
  if (missing.length > 0) console.log(`\nNot installed:\n${missing.map(({ name, howToGet }) => `  ${name}: ${howToGet}`).join("\n")}`);
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join("\n")}`);
  if (results.length > 0) console.log(`\n${verdict(results)}. Ratios are peer ÷ ours in time: above 1, ours is faster.`);
  await writeReports(
    results.map(({ row }) => row),
    footprints,
    { json, html, markdown, footprint },
  );
  process.exitCode =
    failures.length > 0 || results.length + footprints.length === 0 || results.some(({ agreement }) => !agreement.agrees) ? 1 : 0;
}

async function report(words: readonly string[]): Promise<void> {
  const { files, html, markdown, footprint } = parseReport(words);
  const rows = (await Promise.all(files.map(readRows))).flat();
  await writeReports(rows, footprint === undefined ? [] : await readFootprints(footprint), { html, markdown });
}

async function compare(words: readonly string[]): Promise<void> {
  const { before, after, threshold } = parseCompare(words);
  const comparison = compareRuns(await readRows(before), await readRows(after), threshold);
  console.log(comparisonText(comparison, threshold));
  process.exitCode = comparison.regressions.length > 0 || comparison.changes.length === 0 ? 1 : 0;
}

async function runSuite(runtime: FoundRuntime, job: Job): Promise<void> {
  try {
    if (job.suite === "cold-start") await coldStart(runtime, job, note);
    else if (job.suite === "footprint") footprints.push(...(await memoryOf(runtime, job, note)));
    else for await (const message of runtime.run("child", job)) note(message as Message);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failures.push(`${job.suite}, ${runtime.name} ${runtime.version}, ${job.threads} threads: ${reason}`);
  }
}

function note(message: Message): void {
  if ("skip" in message) {
    const { case: name, runtime, threads, peer, reason } = message.skip;
    skips.push(message.skip);
    console.log(`${name}, ${runtime}, threads ${threads}: ${peer} skipped: ${reason}`);
    return;
  }
  const { row, agreement } = message.result;
  results.push(message.result);
  const remark = agreement.agrees ? "" : `  DIFFERS by ${row.maxAbsDiff.toExponential(1)}`;
  console.log(`${row.case}, ${row.runtime}, threads ${row.threads}: ${row.ratio.toFixed(2)} of ${row.peer}${remark}`);
}
