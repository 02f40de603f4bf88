/** The runs themselves: runtime by runtime, thread count by thread count, suite by suite. */
import type { Job, Message } from "./child.ts";
import { coldStart } from "./fresh/cold-start.ts";
import { downloads } from "./fresh/downloads.ts";
import { memoryOf } from "./fresh/footprint.ts";
import { help, type Options } from "./options.ts";
import { origin, versionOfPeer } from "./origin.ts";
import { tableMarkdown } from "./report/markdown.ts";
import { claimSuites } from "./report/families.ts";
import { writeReports } from "./report/files.ts";
import { type Footprint, footprintTable, type Weight } from "./report/footprint.ts";
import { mustShareMachine, publish, published } from "./report/publish.ts";
import type { Result, Row, Skip } from "./report/rows.ts";
import { skipped, table, verdict } from "./report/table.ts";
import { findRuntimes } from "./runtimes.ts";
import type { FoundRuntime } from "./runtimes/runtime.ts";
import { casesOf } from "./suites.ts";

/** What a run has said so far. */
interface Heard {
  readonly results: Result[];
  readonly footprints: Footprint[];
  readonly skips: Skip[];
  readonly failures: string[];
}

/** Measures, prints and writes what the options ask for; sets the exit code. */
export async function bench(options: Options): Promise<void> {
  if (options.help) return console.log(help);
  if (options.publish) mustShareMachine(await published(), [origin().machine]);
  const begin = performance.now();
  const heard: Heard = { results: [], footprints: [], skips: [], failures: [] };
  const { found, missing } = await findRuntimes(options.runtimes);
  for (const { name, howToGet } of missing) console.log(`${name} is not installed: ${howToGet}`);
  for (const runtime of found) {
    const { name, version } = runtime;
    for (const threads of options.threads) {
      const most = threads === Math.max(...options.threads);
      // Claims compare two models of ours: one number of threads says as much as another.
      const suites = options.suites.filter((suite) => most || !claimSuites.includes(suite));
      const simd = name === "node-wide" ? "wide" : options.simd;
      for (const suite of suites) await runSuite(runtime, { ...options, simd, suite, threads, runtime: { name, version } }, heard);
    }
  }
  const { results, footprints, skips, failures } = heard;
  if (options.suites.includes("footprint") && found.length > 0) footprints.push(...(await downloads(options.peers)).map(weighedHere));

  if (results.length > 0) console.log(`\n${table(results)}`);
  if (footprints.length > 0) console.log(`\n${tableMarkdown(footprintTable(footprints))}`);
  if (skips.length > 0) console.log(`\nSkipped:\n${skipped(skips)}`);
  if (missing.length > 0) console.log(`\nNot installed:\n${missing.map(({ name, howToGet }) => `  ${name}: ${howToGet}`).join("\n")}`);
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join("\n")}`);
  if (results.length > 0) console.log(`\n${verdict(results)}. Ratios are peer ÷ ours in time: above 1, ours is faster.`);
  console.log(`It took ${((performance.now() - begin) / 60_000).toFixed(1)} min.`);
  await writeReports(results.map(stored), footprints, options);
  if (options.publish) await publish({ rows: results.filter(({ agreement }) => agreement.agrees).map(stored), footprints });
  process.exitCode =
    failures.length > 0 || results.length + footprints.length === 0 || results.some(({ agreement }) => !agreement.agrees) ? 1 : 0;
}

const stored = ({ row }: Result): Row => ({ ...row, ...origin(), peerVersion: versionOfPeer(row.peer) });
const weighedHere = (footprint: Weight): Footprint => ({ ...footprint, ...origin() });

async function runSuite(runtime: FoundRuntime, job: Job, heard: Heard): Promise<void> {
  const tell = (message: Message): void => note(message, heard);
  try {
    if (job.suite === "cold-start") await coldStart(runtime, job, tell);
    else if (job.suite === "footprint") heard.footprints.push(...(await memoryOf(runtime, job, tell)).map(weighedHere));
    else if (casesOf(job.suite, job).length > 0) for await (const message of runtime.run("child", job)) tell(message as Message);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    heard.failures.push(`${job.suite}, ${runtime.name} ${runtime.version}, ${job.threads} threads: ${reason}`);
  }
}

function note(message: Message, { results, skips }: Heard): void {
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
