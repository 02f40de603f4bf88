/** `pnpm bench`: our kernels and models against other libraries, outputs checked first. See ../README.md. */
import { fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Job, Message } from "./child.ts";
import { help, type Options, parseOptions, UsageError } from "./options.ts";
import { type Result, type Skip, skipped, table, verdict } from "./report.ts";

const results: Result[] = [];
const skips: Skip[] = [];
const failures: string[] = [];

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(help);
  else await bench(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${help}`);
  process.exitCode = 2;
}

async function bench({ suites, threads, json, ...rest }: Options): Promise<void> {
  for (const count of threads) for (const suite of suites) await runChild({ ...rest, suite, threads: count });

  console.log(`\n${table(results)}`);
  if (skips.length > 0) console.log(`\nSkipped:\n${skipped(skips)}`);
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join("\n")}`);
  console.log(`\n${verdict(results)}. Ratios are peer ÷ ours in time: above 1, ours is faster.`);
  if (json !== undefined) {
    const rows = results.map(({ row }) => row);
    await writeFile(resolve(process.env["INIT_CWD"] ?? process.cwd(), json), `${JSON.stringify(rows, undefined, 2)}\n`);
  }
  process.exitCode = failures.length > 0 || results.length === 0 || results.some(({ agreement }) => !agreement.agrees) ? 1 : 0;
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
