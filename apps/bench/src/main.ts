/** `pnpm bench`: our kernels and models against other libraries, outputs checked first. See ../README.md. */
import { compareRuns, comparisonText } from "./compare.ts";
import { help, parseCompare, parseOptions, parseReport, UsageError } from "./options.ts";
import { readFootprints, readRows, writeReports } from "./report/files.ts";
import { publish, published } from "./report/publish.ts";
import { bench } from "./run.ts";

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

async function report(words: readonly string[]): Promise<void> {
  const { files, footprint, publish: keeps, ...forms } = parseReport(words);
  const given = {
    rows: (await Promise.all(files.map(readRows))).flat(),
    footprints: footprint === undefined ? [] : await readFootprints(footprint),
  };
  if (keeps) await publish(given);
  const { rows, footprints } = files.length === 0 && footprint === undefined ? await published() : given;
  await writeReports(rows, footprints, forms);
}

async function compare(words: readonly string[]): Promise<void> {
  const { before, after, threshold } = parseCompare(words);
  const comparison = compareRuns(await readRows(before), await readRows(after), threshold);
  console.log(comparisonText(comparison, threshold));
  process.exitCode = comparison.regressions.length > 0 || comparison.changes.length === 0 ? 1 : 0;
}
