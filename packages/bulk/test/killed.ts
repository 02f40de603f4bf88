/** A run that a test kills: node killed.ts SOURCE MODEL SINK JOB WORKERS. */
import { bulk } from "../src/index.ts";

const [source = "", model = "", sink = "", job = "", workers = "1"] = process.argv.slice(2);
await bulk({
  source,
  task: { kind: model.endsWith(".ts") ? "module" : "embed", model },
  sink,
  jobFolder: job === "" ? undefined : job,
  shardSize: 40,
  workers: Number(workers),
});
