/** A run that a test kills: node killed.ts SOURCE MODEL SINK WORKERS. */
import { bulk } from "../src/index.ts";

const [source = "", model = "", sink = "", workers = "1"] = process.argv.slice(2);
await bulk({ source, task: { kind: "embed", model }, sink, shardSize: 40, workers: Number(workers) });
