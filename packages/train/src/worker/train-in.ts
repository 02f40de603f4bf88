import { XError } from "@x/layers";
import { aFunction, checkOptions, isError, type RulesOf } from "@x/layers/model";
import type { EvaluationEntry } from "../fit/history.ts";
import type { StepReport } from "../fit/options.ts";
import type { ToPage, ToWorker } from "./messages.ts";

/** A `Worker` of a page, of Deno, Bun, or `worker_threads`. */
export type TrainingWorker = WebTrainingWorker | ThreadWorker;

/** What is needed of a Web Worker. */
export interface WebTrainingWorker {
  postMessage(message: unknown): void;
  addEventListener(type: "message", heard: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", heard: (event: { readonly message?: string | undefined }) => void): void;
}

/** What is needed of a thread of `worker_threads`. */
export interface ThreadWorker {
  postMessage(message: unknown): void;
  on(event: "message", heard: (message: unknown) => void): unknown;
  on(event: "error", heard: (error: unknown) => void): unknown;
  on(event: "exit", heard: (code: number) => void): unknown;
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
 * Has a worker train, whose module calls `trainHere`: the page goes on scrolling, the server answering.
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
    const onMessage = (message: unknown): void => {
      const heard = message as ToPage;
      if (heard.kind === "step") options.onStep?.(heard.report);
      else if (heard.kind === "evaluation") options.onEvaluation?.(heard.entry);
      else if (heard.kind === "result") resolve(heard.value as Result);
      else reject(Object.assign(new XError(heard.message), { name: heard.name }));
    };
    const onEnd = (why: string): void => reject(new XError(`the worker has ended: ${why}`));
    if ("addEventListener" in worker) {
      worker.addEventListener("message", ({ data }) => onMessage(data));
      worker.addEventListener("error", ({ message = "it can't be started" }) => onEnd(message));
    } else {
      worker.on("message", onMessage);
      worker.on("error", (error) => onEnd(isError(error) ? error.message : String(error)));
      worker.on("exit", (code) => onEnd(`exit code ${code}`));
    }
    tell({ kind: "begin", given });
  });
  return { result, pause: () => tell({ kind: "pause" }), resume: () => tell({ kind: "resume" }), stop: () => tell({ kind: "stop" }) };
}
