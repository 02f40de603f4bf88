/** A bar in the terminal, by `cli-progress`, which is to be installed beside this package. */
import { SingleBar } from "cli-progress";
import { duration } from "./fit/duration.ts";
import type { EvaluationEntry } from "./fit/history.ts";
import type { StepReport } from "./fit/options.ts";

/** Callbacks for `fit`. */
export interface ProgressBar {
  readonly onStep: (report: StepReport) => void;
  readonly onEvaluation: (entry: EvaluationEntry) => void;
}

/**
 * `await fit(objective, data, { ...progressBar("accuracy") })`: steps, the loss, the last evaluation, and the time that is left.
 * @param metric which of the evaluation's numbers is shown. Default "loss"
 */
export function progressBar(metric = "loss"): ProgressBar {
  const bar = new SingleBar({
    format: "{bar} {value}/{total} | loss {loss} | {metric} | {left} left",
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  const shown = { loss: "–", metric: `validation ${metric} –`, left: "–" };
  return {
    onStep({ step, steps, loss, secondsLeft }) {
      if (!bar.isActive) bar.start(steps, step - 1, shown);
      Object.assign(shown, { loss: loss.toFixed(4), left: duration(secondsLeft) });
      bar.update(step, shown);
      if (step >= steps) bar.stop();
    },
    onEvaluation({ validation }) {
      const value = validation[metric];
      shown.metric = `validation ${metric} ${typeof value === "number" ? value.toFixed(4) : "–"}`;
      bar.update(shown);
    },
  };
}
