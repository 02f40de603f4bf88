/** One paper in a process of its own: `main.ts` starts as many at a time as there are cores. */
import { init, shutdown } from "@x/layers";
import { UnavailableError } from "@x/example-data/src/unavailable.ts";
import { parseOptions } from "./options.ts";
import { papers } from "./papers.ts";
import { tookOf } from "./report.ts";
import { runPaper } from "./run-paper.ts";

const { named, threads: wanted, lab } = parseOptions();
const paper = papers.find(({ id }) => id === named[0]);
if (!paper) throw new Error("which paper?");
const { threads, simd } = await init(wanted === undefined ? {} : { threads: wanted });
console.log(`${paper.id}: ${paper.title}`);
try {
  const report = await runPaper(paper, { ...lab, kernels: `${threads} ${threads === 1 ? "thread" : "threads"}, ${simd} SIMD` });
  for (const [what, value] of report.scores) console.log(`  ${paper.id}, ${what}: ${value}`);
  console.log(`  ${paper.id}: ${tookOf(report)}`);
} catch (error) {
  if (!(error instanceof UnavailableError)) throw error;
  console.error(`  ${paper.id} left out: ${error.message}`);
}
shutdown();
