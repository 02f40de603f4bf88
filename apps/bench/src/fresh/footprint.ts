/** Memory of one forward pass and of one training step, from files, in a fresh process each. */
import type { Message } from "../child.ts";
import type { Weight } from "../report/footprint.ts";
import { isBrowser } from "../runtimes/names.ts";
import type { FoundRuntime } from "../runtimes/runtime.ts";
import type { ColdStartOptions } from "./cold-start.ts";
import { smallViT, viTB, withModel } from "./model.ts";
import { type FreshContender, freshContenders, type FreshTask } from "./task.ts";

/** Ours forward and training, the peers' forward: nobody else trains. A peer that fails is skipped. Pages don't learn their memory. */
export async function memoryOf(
  runtime: FoundRuntime,
  { threads, peers, quick }: Omit<ColdStartOptions, "rounds" | "short">,
  note: (message: Extract<Message, { skip: unknown }>) => void,
): Promise<Weight[]> {
  const { name, config } = quick ? smallViT : viTB;
  const where = { runtime: `${runtime.name} ${runtime.version}`, threads };
  if (isBrowser(runtime.name)) {
    note({ skip: { ...where, case: name, peer: "memory", reason: "a page doesn't learn how much its process takes" } });
    return [];
  }
  const tasks: [FreshContender, FreshTask["work"]][] = [
    ...freshContenders.filter((who) => who === "ours" || peers.includes(who)).map((who): [FreshContender, "forward"] => [who, "forward"]),
    ["ours", "training step"],
  ];
  return withModel(config, async (start) => {
    const footprints: Weight[] = [];
    for (const [who, work] of tasks) {
      try {
        const { processBytes, tensorBytes, simd } = await start(runtime, who, threads, work);
        const common = { what: `${name} ${work}`, who, ...where, simd };
        if (processBytes !== undefined) footprints.push({ measure: "process, growth at its highest", ...common, bytes: processBytes });
        if (tensorBytes !== undefined) footprints.push({ measure: "tensors, most at once", ...common, bytes: tensorBytes });
      } catch (error) {
        if (who === "ours") throw error;
        const [reason = ""] = (error instanceof Error ? error.message : String(error)).replace(/^Error: /, "").split("\n");
        note({ skip: { ...where, case: name, peer: who, reason } });
      }
    }
    return footprints;
  });
}
