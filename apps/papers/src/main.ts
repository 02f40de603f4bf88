/**
 * Trains each of the eight systems from nothing, as its paper does, in small, and writes one page about it: `npm run papers [-- name…]`.
 * A run that was interrupted goes on where it was; what is finished is run again only when it is named.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { init, shutdown } from "@x/layers";
import { UnavailableError } from "@x/example-data/src/unavailable.ts";
import { Lab } from "./lab.ts";
import { writePage } from "./page/html.ts";
import { publish } from "./page/publish.ts";
import { papers } from "./papers.ts";
import { runPaper } from "./run-paper.ts";

const { values: options, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    threads: { type: "string" },
    /** Of the steps; a twentieth and less is a trial, which evaluates with a share, too. */
    share: { type: "string", default: "1" },
    out: { type: "string", default: fileURLToPath(new URL("../../../demo-output/papers", import.meta.url)) },
    /** Runs nothing, but writes what has been run as docs/papers.md, with its pictures. */
    publish: { type: "boolean", default: false },
  },
});
const unknown = asked.filter((name) => !papers.some(({ id }) => id === name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(", ")}; papers are ${papers.map(({ id }) => id).join(", ")}`);
  process.exit(2);
}
const lab = { folder: options.out, seed: Number(options.seed), share: Number(options.share) };
await mkdir(lab.folder, { recursive: true });
const { threads, simd } = await init(options.threads === undefined ? {} : { threads: Number(options.threads) });
for (const paper of options.publish ? [] : papers) {
  const before = await new Lab(paper.id, lab).found(paper.id);
  const isDone = before?.seed === lab.seed && before.share === lab.share;
  if (asked.length > 0 ? !asked.includes(paper.id) : isDone) continue;
  console.log(`${paper.id}: ${paper.title}`);
  try {
    const report = await runPaper(paper, { ...lab, kernels: `${threads} ${threads === 1 ? "thread" : "threads"}, ${simd} SIMD` });
    for (const [what, value] of report.scores) console.log(`  ${what}: ${value}`);
    console.log(`  ${report.minutes.all.toFixed(1)} minutes, of which training ${report.minutes.training.toFixed(1)}`);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    console.error(`  left out: ${error.message}`);
  }
}
shutdown();
const reports = (await Promise.all(papers.map(({ id }) => new Lab(id, lab).found(id)))).filter((report) => report !== undefined);
await writePage(join(lab.folder, "index.html"), papers, reports);
console.log(`The page: ${join(lab.folder, "index.html")}`);
if (options.publish) await publish(fileURLToPath(new URL("../../../docs", import.meta.url)), papers, reports);
