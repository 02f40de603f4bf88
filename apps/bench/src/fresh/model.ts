import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { node } from "@x/everywhere";
import { viTDefaults, viTPreset } from "@x/models-vision";
import { sideOf } from "../side.ts";
import { commandRuntime } from "../runtimes/command.ts";
import type { FoundRuntime } from "../runtimes/runtime.ts";
import type { FreshContender, FreshReport, FreshTask } from "./task.ts";
import type { ModelToWrite } from "./write-model.ts";

interface NamedModel {
  readonly name: string;
  readonly config: ModelToWrite["config"];
}

export const smallViT: NamedModel = {
  name: "ViT-Ti/16, 2 layers, 64 px",
  config: { ...viTPreset("ViT-Ti/16"), numHiddenLayers: 2, imageSize: 64 },
};
export const viTB: NamedModel = { name: "ViT-B/16", config: viTPreset("ViT-B/16") };

/** A model in files: for as long as `use` takes. */
export async function withModel<T>(config: ModelToWrite["config"], use: (start: Start) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  try {
    const writer = await commandRuntime("node", node).find();
    for await (const _ of writer?.run("write-model", { config, folder } satisfies ModelToWrite) ?? []);
    const imageSize = sideOf(config.imageSize ?? viTDefaults.imageSize);
    return await use((runtime, contender, threads, work) =>
      start(runtime, { contender, runtime: runtime.name, threads, work, folder, imageSize }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Uses the model once in a fresh process. */
export type Start = (runtime: FoundRuntime, contender: FreshContender, threads: number, work: FreshTask["work"]) => Promise<FreshReport>;

async function start(runtime: FoundRuntime, task: FreshTask): Promise<FreshReport> {
  let report: FreshReport | undefined;
  for await (const message of runtime.run("first-output", task, task.folder)) report = message as FreshReport;
  if (!report) throw new Error("it said nothing");
  return report;
}
