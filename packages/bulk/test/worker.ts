/** A worker that a test starts, kills and freezes: node worker.ts QUEUE. It tells of each shard that it has done. */
import { bulkWorker } from "../src/index.ts";

const [queue = ""] = process.argv.slice(2);
await bulkWorker({ queue, workers: 1, onShard: ({ shard }) => process.stdout.write(`${shard}\n`) });
