/** What it costs to hand work to the thread pool and have it back, with nothing to do: the threads are awake, as they are within a forward pass. */
import { zeros } from "@x/layers";
import { engine } from "@x/layers/model";
import type { Case, Suite } from "../case.ts";

const LAUNCHES = 1000;

/** So dear that the launcher gives every thread a unit of its own. */
const DEAR = 2 ** 20;

export const forkJoinSuite: Suite = ({ threads }) => (threads > 1 ? [launchCase(threads)] : []);

/** A launch that writes one number a thread. Baseline: the same on the calling thread alone. */
function launchCase(threads: number): Case {
  return {
    name: "fork and join",
    repetitions: LAUNCHES,
    tolerance: 0,
    prepare: () => {
      const y = zeros([threads]);
      const launch = engine().launcher.bind("full", "y:F value", {});
      const launches = (units: number) => (): undefined => {
        for (let i = 0; i < LAUNCHES; i++) launch({ y, value: 0 }, units, DEAR);
      };
      return {
        ours: { name: "ours", run: launches(threads), dispose: () => y.dispose() },
        baselines: [{ name: "self alone", run: launches(1) }],
      };
    },
  };
}
