/** A training's progress on a page: a bar, a line of numbers, and the curve. */
import { aText, checkArguments, checkOptions, type RulesOf, shaped } from "@x/layers/model";
import { curveOf } from "./fit/curve.ts";
import { duration } from "./fit/duration.ts";
import type { EvaluationEntry, HistoryEntry } from "./fit/history.ts";
import type { StepReport } from "./fit/options.ts";

/** Callbacks for `fit` and `trainIn`, which draw into the element. */
export interface PageProgress {
  readonly onStep: (report: StepReport) => void;
  readonly onEvaluation: (entry: EvaluationEntry) => void;
}

export interface PageProgressOptions {
  /** Which of the evaluation's numbers is shown. Default "loss". */
  readonly metric?: string | undefined;
}

const rules: RulesOf<PageProgressOptions> = { metric: aText };

/** The curve is drawn anew at most so often, in milliseconds. */
const PACE = 500;

/**
 * `trainIn(worker, mails, pageProgress(element, { metric: "accuracy" }))`: fills the element with a `progress`, an `output` and a `figure` with the curve.
 * @throws ArgumentError when there is no element
 */
export function pageProgress(element: HTMLElement, options: PageProgressOptions = {}): PageProgress {
  checkArguments("pageProgress", shaped("an element of the page", "replaceChildren", "ownerDocument"), { element });
  checkOptions("pageProgress", options, rules);
  const { metric = "loss" } = options;
  const document = element.ownerDocument;
  const [bar, line, figure] = [document.createElement("progress"), document.createElement("output"), document.createElement("figure")];
  element.replaceChildren(bar, line, figure);
  const history: HistoryEntry[] = [];
  let [steps, validation, drawn] = ["", "", -PACE];
  const show = (isLast: boolean): void => {
    line.textContent = [steps, validation].filter((part) => part !== "").join(" · ");
    if (!isLast && performance.now() - drawn < PACE) return;
    drawn = performance.now();
    figure.innerHTML = curveOf(history);
  };
  return {
    onStep(report) {
      const { step, steps: all, loss, secondsLeft, ...rest } = report;
      history.push({ step, loss, ...rest });
      [bar.max, bar.value] = [all, step];
      steps = `${step} of ${all} steps · loss ${loss.toFixed(4)} · ${duration(secondsLeft)} left`;
      show(step >= all);
    },
    onEvaluation(entry) {
      history.push(entry);
      const value = entry.validation[metric];
      validation = `validation ${metric} ${typeof value === "number" ? value.toFixed(4) : "–"}`;
      show(true);
    },
  };
}
