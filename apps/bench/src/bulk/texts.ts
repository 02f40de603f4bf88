/**
 * What a run over many short texts takes: memory when a tenth, a half, and all of them are done, and texts a second.
 *
 *     node --conditions=@x/source apps/bench/src/bulk/texts.ts --model FOLDER --from BOOK.txt --count 200000
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { bulk } from "@x/bulk";
import { textsOf } from "./texts-of.ts";

const { values } = parseArgs({
  options: { model: { type: "string" }, from: { type: "string" }, count: { type: "string" }, workers: { type: "string" } },
});
const { model = "", from = "", count = "200000", workers } = values;

const megabytes = (): number => Math.round(process.memoryUsage.rss() / 1e6);
const folder = await mkdtemp(join(tmpdir(), "bulk-texts-"));
const begun = performance.now();
let [greatest, next] = [0, 0];
const marks = [0.1, 0.25, 0.5, 0.75, 1];

try {
  const report = await bulk({
    source: textsOf(await readFile(from, "utf8"), Number(count)),
    task: { kind: "embed", model, column: "text", truncate: true },
    sink: join(folder, "vectors.npy"),
    workers: workers === undefined ? undefined : Number(workers),
    onProgress: ({ phase, done, total }) => {
      const now = megabytes();
      greatest = Math.max(greatest, now);
      if (phase !== "working" || done < (marks[next] ?? 2) * (total ?? 0)) return;
      const seconds = Math.round((performance.now() - begun) / 1000);
      process.stdout.write(`${JSON.stringify({ share: marks[next++], done, seconds, megabytes: now, greatest })}\n`);
    },
  });
  process.stdout.write(`${JSON.stringify({ ...report, texts: report.rows / report.seconds, megabytes: megabytes(), greatest })}\n`);
} finally {
  await rm(folder, { recursive: true });
}
