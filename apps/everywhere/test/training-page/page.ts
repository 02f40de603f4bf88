/**
 * As it is asked by the address: with `?begin` it begins in a folder and in a database, and tells when both are under way, to be closed then; with `?resume` it goes
 * on with them, and tells what came of it. Else it trains undisturbed, and again with workers that end at any moment, pauses and stops; tells what came of it.
 */
import { trainIn } from "@x/train/worker";
import type { Asked } from "./learn.ts";

interface Learned {
  readonly finished: boolean;
  readonly steps: number;
  readonly weights: readonly number[];
}

const start = (): Worker => new Worker(new URL("./learn.ts", import.meta.url), { type: "module" });
const tell = (name: string, value: unknown): Promise<Response> => fetch(`/report/${name}`, { method: "POST", body: JSON.stringify(value) });
const places = ["folder", "database"] as const;

/** Both at once, to be closed at step 40. Rejects when one fails. */
const begin = (): Promise<unknown> =>
  Promise.all(
    places.map(
      (place) =>
        new Promise<void>((resolve, reject) => {
          const onStep = ({ step }: { readonly step: number }): void => void (step === 40 && resolve());
          const asked: Asked = { name: `closed-${place}`, threads: 1, place, pause: 50 };
          trainIn<Learned>(start(), asked, { onStep }).result.catch(reject);
        }),
    ),
  );

async function resume(): Promise<object> {
  const whole = await trainIn<Learned>(start(), { name: "whole", threads: 1 } satisfies Asked).result;
  const ends = places.map(async (place) => {
    const steps: number[] = [];
    const onStep = ({ step }: { readonly step: number }): void => void steps.push(step);
    const { weights } = await trainIn<Learned>(start(), { name: `closed-${place}`, threads: 1, place } satisfies Asked, { onStep }).result;
    return [place, { begins: steps[0], equal: String(weights) === String(whole.weights) }] as const;
  });
  return Object.fromEntries(await Promise.all(ends));
}

const found: Record<string, unknown> = {};
if (location.search === "?begin") await tell("begun", await begin().then(() => "both", String));
else if (location.search === "?resume") await tell("resumed", await resume().catch(String));
else await undisturbedAndDisturbed();

async function undisturbedAndDisturbed(): Promise<void> {
  try {
    const first = start();
    const whole = await trainIn<Learned>(first, { name: "whole", threads: 1 }).result;
    first.terminate();
    found["whole"] = [whole.finished, whole.steps, whole.weights.length > 50];

    // As when its tab is closed: the worker is gone, in the middle of a step or a save.
    const began: number[] = [];
    for (const [i, last] of [5, 23, 40, 66].entries()) {
      const worker = start();
      await new Promise<void>((resolve) => {
        let isFirst = true;
        trainIn<Learned>(
          worker,
          { name: "ended", threads: 1 + (i % 2) },
          {
            onStep({ step }) {
              if (isFirst) began.push(step);
              isFirst = false;
              if (step >= last) resolve();
            },
          },
        ).result.catch(() => {});
      });
      worker.terminate();
    }
    found["began"] = began;
    const again = start();
    const ended = await trainIn<Learned>(again, { name: "ended", threads: 2 }).result;
    again.terminate();
    found["equal"] = String(ended.weights) === String(whole.weights);

    const seen: number[] = [];
    const paused = start();
    const training = trainIn<Learned>(paused, { name: "paused", threads: 1, pause: 50 } satisfies Asked, {
      onStep({ step }) {
        seen.push(step);
        if (step === 10) training.pause();
      },
    });
    // However slow the machine is: it has begun, and two seconds bring no step more.
    for (let before = -1; before < 10 || before !== seen.length;) {
      before = seen.length;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    found["waits"] = seen.length < 100;
    training.stop();
    const stopped = await training.result;
    found["stopped"] = [stopped.finished, stopped.steps >= 10];
    paused.terminate();
    const last = start();
    const resumed = await trainIn<Learned>(last, { name: "paused", threads: 1 }).result;
    last.terminate();
    found["resumed"] = String(resumed.weights) === String(whole.weights);

    const refused = start();
    found["error"] = await trainIn(refused, { name: "no/folder", threads: 1 }).result.catch(({ name }: Error) => name);
    refused.terminate();
  } catch (error) {
    found["failed"] = String(error);
  }
  await tell("training", found);
}
