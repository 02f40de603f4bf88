/** Threads that compute, as many as is fastest. */
import { availableParallelism } from "node:os";
import type { Manifest } from "../job.ts";
import { ComputingThread } from "./computing.ts";

/** So many models, each with so many threads for its kernels. */
export interface Crew extends AsyncDisposable {
  readonly members: readonly ComputingThread[];
  readonly threads: number;
}

/** What a crew may be. */
export interface CrewSize {
  /** How many models. */
  readonly workers?: number | undefined;
  /** How many threads they have together. Default: as many as there are processors. */
  readonly threads?: number | undefined;
}

/** Items of a measurement: some batches, a second or a few. */
const sample = 64;

async function crewOf(location: string, manifest: Manifest, workers: number, threads: number): Promise<Crew> {
  const starting = await Promise.allSettled(Array.from({ length: workers }, () => ComputingThread.start({ location, manifest, threads })));
  const members = starting.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const end = async (): Promise<void> => void (await Promise.all(members.map((member) => member.end())));
  const failed = starting.find((start) => start.status === "rejected");
  if (failed) {
    await end();
    throw failed.reason;
  }
  return { members, threads, [Symbol.asyncDispose]: end };
}

/** Items a second when all members work. */
async function speedOf({ members }: Crew): Promise<number> {
  const all = (items: number): Promise<unknown> => Promise.all(members.map((member) => member.run({ measure: items }, () => {})));
  await all(8); // warms up
  const begun = performance.now();
  await all(sample);
  return (members.length * sample) / (performance.now() - begun);
}

/**
 * Without a number of workers: as many as there are threads, or one whose kernels take them all, whichever a measurement of some seconds says is faster; of few
 * shards the latter without measuring.
 * @param shards how many are to be done
 * @throws as loading the model does
 */
export async function startCrew(location: string, manifest: Manifest, shards: number, { workers, threads }: CrewSize): Promise<Crew> {
  const all = threads ?? availableParallelism();
  if (workers !== undefined) return crewOf(location, manifest, workers, Math.max(1, Math.floor(all / workers)));
  const threaded = await crewOf(location, manifest, 1, all);
  if (all === 1 || shards < 2 * all) return threaded;
  const speed = await speedOf(threaded);
  const several = await crewOf(location, manifest, all, 1);
  const [better, other] = (await speedOf(several)) > speed ? [several, threaded] : [threaded, several];
  await other[Symbol.asyncDispose]();
  return better;
}
