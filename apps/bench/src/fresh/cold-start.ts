/** From before the import to the first output, in a fresh process (or browser) each time, medians of several. */
import { agree } from "../agree.ts";
import type { Message } from "../child.ts";
import { timing } from "../measure.ts";
import { NATIVE } from "../peers/onnxruntime-node.ts";
import { resultOf } from "../report/rows.ts";
import { isBrowser } from "../runtimes/names.ts";
import type { FoundRuntime } from "../runtimes/runtime.ts";
import { smallViT, withModel } from "./model.ts";
import { type FreshContender, freshContenders, type FreshReport } from "./task.ts";

export interface ColdStartOptions {
  readonly threads: number;
  readonly peers: readonly string[];
  /** Processes for each contender. Default 7; 5 when short, 3 when quick. */
  readonly rounds: number | undefined;
  readonly quick: boolean;
  readonly short: boolean;
}

const TOLERANCE = 1e-4;

/** Contenders take turns. A peer that fails is skipped. */
export async function coldStart(runtime: FoundRuntime, options: ColdStartOptions, note: (message: Message) => void): Promise<void> {
  const { threads, quick, short } = options;
  const rounds = options.rounds ?? (quick ? 3 : short ? 5 : 7);
  const name = `cold start, ${smallViT.name}`;
  const where = { suite: "cold-start", runtime: `${runtime.name} ${runtime.version}`, threads };
  const reports = new Map<FreshContender, FreshReport[]>();
  const skip = (peer: string, reason: string): void => note({ skip: { case: name, runtime: where.runtime, threads, peer, reason } });
  for (const contender of freshContenders) {
    if (contender !== "ours" && !options.peers.includes(contender)) continue;
    if (contender === "onnxruntime-node" && isBrowser(runtime.name)) skip(contender, NATIVE);
    else reports.set(contender, []);
  }

  await withModel(smallViT.config, async (start) => {
    for (let round = 0; round < rounds; round++) {
      for (const [contender, its] of reports) {
        try {
          its.push(await start(runtime, contender, threads, "forward"));
        } catch (error) {
          if (contender === "ours") throw error;
          reports.delete(contender);
          const [reason = ""] = (error instanceof Error ? error.message : String(error)).replace(/^Error: /, "").split("\n");
          skip(contender, reason);
        }
      }
    }
  });

  const ours = reports.get("ours") ?? [];
  for (const [peer, theirs] of reports) {
    if (peer === "ours") continue;
    const agreement = agree(outputOf(ours), outputOf(theirs), TOLERANCE);
    const timings = [ours, theirs].map((its) => timing(its.map(({ ms }) => ms))) as [ReturnType<typeof timing>, ReturnType<typeof timing>];
    note({ result: resultOf({ ...where, simd: ours[0]?.simd }, { name }, peer, timings, agreement) });
  }
}

const outputOf = ([first]: readonly FreshReport[]): Float32Array => Float32Array.from(first?.output ?? []);
