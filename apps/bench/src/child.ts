/** One suite with one number of threads, in a process of its own: engines fix their number of threads when they start. */
import { init } from "@x/layers";
import { agree, type Agreement } from "./agree.ts";
import type { Case, Contender } from "./case.ts";
import { interleave } from "./measure.ts";
import { peers } from "./peers.ts";
import { type Result, resultOf, type Skip } from "./report/rows.ts";
import { suites } from "./suites.ts";

/** What the parent asks for, as JSON in the first argument. */
export interface Job {
  readonly suite: string;
  readonly threads: number;
  readonly peers: readonly string[];
  readonly rounds: number | undefined;
  readonly quick: boolean;
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

const job = JSON.parse(process.argv[2] ?? "") as Job;
const { threads, quick } = job;
const measureOptions = quick ? { rounds: job.rounds ?? 3, warmUpMs: 20, turnMs: 2 } : { rounds: job.rounds };

// Ours first: onnxruntime-web changes globals.
const engine = await init({ threads });
if (engine.threads !== threads) throw new Error(`only ${engine.threads} of ${threads} threads started`);
for (const suiteCase of suites.get(job.suite)?.({ threads, quick }) ?? []) await runCase(suiteCase);
process.exit(); // threads of the peers would keep the process alive

interface Rival {
  readonly contender: Contender;
  readonly agreement: Agreement;
}

async function runCase(suiteCase: Case): Promise<void> {
  const { name, tolerance } = suiteCase;
  const task = await suiteCase.prepare();
  const output = await task.ours.run();
  let rivals: Rival[] = [];
  const admit = async (contender: Contender): Promise<void> => {
    rivals.push({ contender, agreement: agree(output, await contender.run(), tolerance) });
  };
  const skip = (peer: string, reason: string): Promise<void> => tell({ skip: { case: name, threads, peer, reason } });

  const takesPeers = task.onnx || task.tensorFlow || task.jax;
  for (const peer of takesPeers ? peers.filter((known) => job.peers.includes(known.name)) : []) {
    try {
      await admit(guarded(await peer.prepare(task, threads)));
    } catch (error) {
      await skip(peer.name, messageOf(error));
    }
  }
  for (const baseline of task.baselines ?? []) if (job.peers.includes(baseline.name.split(" ")[0] ?? "")) await admit(baseline);

  while (rivals.length > 0) {
    try {
      const [ours, ...theirs] = await interleave([task.ours, ...rivals.map(({ contender }) => contender)], measureOptions);
      for (const [i, { contender, agreement }] of rivals.entries()) {
        const timing = theirs[i];
        if (ours && timing) await tell({ result: resultOf(job.suite, suiteCase, threads, contender.name, [ours, timing], agreement) });
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

function tell(message: Message): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!process.send) throw new Error("this is started by main.ts");
    process.send(message, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
