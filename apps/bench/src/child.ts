/** One suite with one number of threads, in a process (or browser) of its own: engines fix their number of threads when they start. */
import type { Simd } from "@x/core-wasm";
import { init } from "@x/layers";
import { agree, type Agreement } from "./agree.ts";
import type { Case, Contender } from "./case.ts";
import { DISTURBED, interleave, type MeasureOptions, spreadOf, type Timing, yardstick } from "./measure.ts";
import { peers } from "./peers.ts";
import { type Result, resultOf, type Skip } from "./report/rows.ts";
import type { RuntimeName } from "./runtimes/names.ts";
import { runProgram } from "./runtimes/program.ts";
import { casesOf } from "./suites.ts";

/** What main.ts asks for. */
export interface Job {
  /** Where this runs. */
  readonly runtime: { readonly name: RuntimeName; readonly version: string };
  readonly suite: string;
  readonly threads: number;
  readonly peers: readonly string[];
  readonly simd: Simd | undefined;
  /** Names of cases. */
  readonly cases: string | undefined;
  readonly rounds: number | undefined;
  readonly seconds: number | undefined;
  readonly quick: boolean;
  readonly short: boolean;
}

/** What it is told, one message at a time. */
export type Message = { readonly result: Result } | { readonly skip: Skip };

class PeerError extends Error {
  override readonly name = "PeerError";
  readonly peer: string;

  constructor(peer: string, cause: unknown) {
    super(messageOf(cause), { cause });
    this.peer = peer;
  }
}

await runProgram<Job, Message>(async (job, tell) => {
  const { threads } = job;
  // Ours first: onnxruntime-web changes globals.
  const engine = await init({ threads, simd: job.simd });
  if (engine.refusal !== undefined) throw new Error(engine.refusal);
  if (engine.threads !== threads) throw new Error(`only ${engine.threads} of ${threads} threads started`);
  const wanted = new RegExp(job.cases ?? "", "u");
  for (const suiteCase of casesOf(job.suite, job))
    if (wanted.test(suiteCase.name)) await runCase(suiteCase, { ...job, simd: engine.simd }, tell);
});

interface Rival {
  readonly contender: Contender;
  readonly agreement: Agreement;
}

async function runCase(suiteCase: Case, job: Job & { readonly simd: Simd }, tell: (message: Message) => Promise<void>): Promise<void> {
  const { name, tolerance } = suiteCase;
  const { threads, simd, quick } = job;
  const runtime = `${job.runtime.name} ${job.runtime.version}`;
  const measureOptions = quick ? { rounds: job.rounds ?? 3, warmUpMs: 20, turnMs: 2 } : { rounds: job.rounds, seconds: job.seconds };
  const task = await suiteCase.prepare();
  const output = await task.ours.run();
  let rivals: Rival[] = [];
  const admit = async (contender: Contender): Promise<void> => {
    rivals.push({ contender, agreement: agree(output, await contender.run(), tolerance) });
  };
  const skip = (peer: string, reason: string): Promise<void> => tell({ skip: { case: name, runtime, threads, peer, reason } });

  const takesPeers = task.onnx || task.tensorFlow || task.jax || task.pyTorch;
  for (const peer of takesPeers ? peers.filter((known) => job.peers.includes(known.name)) : []) {
    try {
      await admit(guarded(await peer.prepare(task, { threads, runtime: job.runtime.name })));
    } catch (error) {
      await skip(peer.name, messageOf(error));
    }
  }
  for (const baseline of task.baselines ?? []) if (job.peers.includes(baseline.name.split(" ")[0] ?? "")) await admit(baseline);

  while (rivals.length > 0) {
    try {
      const [noise, ours, ...theirs] = await undisturbed(
        [yardstick, task.ours, ...rivals.map(({ contender }) => contender)],
        measureOptions,
      );
      for (const [i, { contender, agreement }] of rivals.entries()) {
        const timing = theirs[i];
        if (noise && ours && timing)
          await tell({
            result: resultOf({ suite: job.suite, runtime, threads, simd }, suiteCase, contender.name, [ours, timing, noise], agreement),
          });
      }
      break;
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      await skip(error.peer, messageOf(error));
      rivals = rivals.filter(({ contender }) => contender.name !== error.peer);
    }
  }
  for (const contender of [task.ours, ...rivals.map((rival) => rival.contender)]) await contender.dispose?.();
}

/** Turns as `interleave` takes them; once more, if somebody's were disturbed, and then those that were less so. */
async function undisturbed(contenders: readonly Contender[], options: MeasureOptions): Promise<Timing[]> {
  const once = await interleave(contenders, options);
  if (options.rounds !== undefined || Math.max(...once.map(spreadOf)) <= DISTURBED) return once;
  const again = await interleave(contenders, options);
  return Math.max(...again.map(spreadOf)) < Math.max(...once.map(spreadOf)) ? again : once;
}

/** A peer that breaks down while it is timed is left out; the others are timed without it. */
function guarded(contender: Contender): Contender {
  return {
    ...contender,
    run: async () => {
      try {
        return await contender.run();
      } catch (error) {
        throw new PeerError(contender.name, error);
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
