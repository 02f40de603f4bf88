import { XError } from "@x/layers";
import { aFunction, checkOptions, type RulesOf } from "@x/layers/model";
import type { EvaluationEntry } from "../fit/history.ts";
import type { StepReport } from "../fit/options.ts";
import type { ToPage, ToWorker } from "./messages.ts";

/** What a page needs of a `Worker`. */
export interface TrainingWorker {
  postMessage(message: unknown): void;
  addEventListener(type: "message", heard: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", heard: (event: { readonly message?: string | undefined }) => void): void;
}

export interface TrainInOptions {
  readonly onStep?: ((report: StepReport) => void) | undefined;
  readonly onEvaluation?: ((entry: EvaluationEntry) => void) | undefined;
}

const rules: RulesOf<TrainInOptions> = { onStep: aFunction, onEvaluation: aFunction };

/** A training that goes on elsewhere. */
export interface RemoteTraining<Result> {
  /** What the worker's function gives. Rejects with what it throws, as an XError of that name. */
  readonly result: Promise<Result>;
  /** Waits behind the step that is under way. */
  pause(): void;
  resume(): void;
  /** Ends behind the step that is under way, with a checkpoint where there is a run. */
  stop(): void;
}

/**
 * Has a worker train, whose module calls `trainHere`: the page goes on scrolling.
 *
 * ```ts
 * const worker = new Worker(new URL("./learn.ts", import.meta.url), { type: "module" });
 * const training = trainIn<number>(worker, mails, { onStep: ({ step, steps }) => (bar.value = step / steps) });
 * pauseButton.onclick = () => training.pause();
 * ```
 * @param given for the worker's function: whatever can be sent
 */
export function trainIn<Result>(worker: TrainingWorker, given: unknown, options: TrainInOptions = {}): RemoteTraining<Result> {
  checkOptions("trainIn", options, rules);
  const tell = (message: ToWorker): void => worker.postMessage(message);
  const result = new Promise<Result>((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => {
      const heard = data as ToPage;
      if (heard.kind === "step") options.onStep?.(heard.report);
      else if (heard.kind === "evaluation") options.onEvaluation?.(heard.entry);
      else if (heard.kind === "result") resolve(heard.value as Result);
      else reject(Object.assign(new XError(heard.message), { name: heard.name }));
    });
    worker.addEventListener("error", ({ message = "it can't be started" }) => reject(new XError(`the worker has ended: ${message}`)));
    tell({ kind: "begin", given });
  });
  return { result, pause: () => tell({ kind: "pause" }), resume: () => tell({ kind: "resume" }), stop: () => tell({ kind: "stop" }) };
}
