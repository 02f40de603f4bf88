/** A worker that a test starts, kills and freezes: node worker.ts QUEUE. It tells of each shard that it has done, and in one line why it ends. */
import process from "node:process";
import { bulkWorker } from "../src/index.ts";

const [queue = ""] = process.argv.slice(2);
try {
  await bulkWorker({ queue, workers: 1, onShard: ({ shard }) => process.stdout.write(`${shard}\n`) });
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}
