/** A thread that computes: it has a model of its own, and works on one shard at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { init } from "@x/layers";
import { isError } from "@x/layers/model";
import { readShard } from "../plan.ts";
import { BadItem } from "../row.ts";
import { workOn } from "../shard.ts";
import { openStorage } from "../storage/open-storage.ts";
import { runEach } from "../task/isolated.ts";
import { openTask } from "../task/open-task.ts";
import type { Reply, Request, Start } from "./messages.ts";

const port = parentPort;
const { location, manifest, threads } = workerData as Start;
const reply = (message: Reply): void => port?.postMessage(message);
const onDone = (items: number): void => reply({ progress: items });

async function answered(work: () => Promise<Reply>): Promise<void> {
  try {
    reply(await work());
  } catch (error) {
    const { name = "Error", message = String(error), code } = isError(error) ? (error as NodeJS.ErrnoException) : {};
    // What the system says of a disk or a network doesn't say which.
    reply({ failed: { name, message: code === undefined ? message : `${location}: ${message}`, code } });
  }
}

const storage = await openStorage(location);
const opened = (async () => {
  await init({ threads, simd: manifest.task.simd ?? "plain" });
  return openTask(manifest);
})();
await answered(async () => {
  await opened;
  return { ready: true };
});

port?.on("message", (request: Request) =>
  answered(async () => {
    const task = await opened;
    if ("shard" in request) await workOn(storage, manifest, request.shard, task, onDone);
    else {
      const rows = (await readShard(storage, 0)).slice(0, request.measure);
      const items = rows.map((row) => (row instanceof BadItem ? null : (row[manifest.task.column] ?? null)));
      await runEach(task, items, onDone);
    }
    return { done: true };
  }),
);
