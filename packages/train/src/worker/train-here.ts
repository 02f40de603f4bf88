import { workerPort } from "#folder";
import { isError } from "@x/layers/model";
import type { EvaluationEntry } from "../fit/history.ts";
import type { StepReport } from "../fit/options.ts";
import type { ToPage, ToWorker } from "./messages.ts";

/** Options of `fit` that tell the page how far it is, and wait or end when the page says so. */
export interface Watched {
  onStep(report: StepReport): Promise<"stop" | undefined>;
  onEvaluation(entry: EvaluationEntry): Promise<"stop" | undefined>;
}

/**
 * What a worker's module calls, a Web Worker's or that of a thread of `worker_threads`: a page's `trainIn` begins it.
 *
 * ```ts
 * trainHere(async (mails: ClassifiedText[], watched) => {
 *   const root = await navigator.storage.getDirectory();
 *   const { best } = await fit(textClassification(await modelFrom(root)), mails, { run: await root.getDirectoryHandle("run", { create: true }), ...watched });
 *   return best?.evaluation.loss;
 * });
 * ```
 * @param learn gives what can be sent
 */
export function trainHere<Given, Result>(learn: (given: Given, watched: Watched) => Promise<Result>): void {
  const tell = (message: ToPage): void => workerPort.post(message);
  const pace = new Pace();
  const watched: Watched = {
    onStep(report) {
      tell({ kind: "step", report });
      return pace.next();
    },
    onEvaluation(entry) {
      tell({ kind: "evaluation", entry });
      return pace.next();
    },
  };
  workerPort.listen((told) => {
    const heard = told as ToWorker;
    if (heard.kind !== "begin") return pace.hear(heard.kind);
    learn(heard.given as Given, watched).then(
      (value) => tell({ kind: "result", value }),
      (error: unknown) => {
        const { name, message } = isError(error) ? error : { name: "XError", message: String(error) };
        tell({ kind: "error", name, message });
      },
    );
  });
}

/** Whether it goes on, waits, or ends. */
class Pace {
  #stopped = false;
  #waiting: { readonly over: Promise<void>; readonly end: () => void } | undefined;

  hear(word: "pause" | "resume" | "stop"): void {
    if (word === "pause") this.#waiting ??= gate();
    else {
      this.#waiting?.end();
      this.#waiting = undefined;
    }
    this.#stopped ||= word === "stop";
  }

  /** Lets messages in, and waits while it is paused. */
  async next(): Promise<"stop" | undefined> {
    await this.#waiting?.over;
    return this.#stopped ? "stop" : undefined;
  }
}

function gate(): { readonly over: Promise<void>; readonly end: () => void } {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  return { over, end };
}
