/** What a page and the worker that trains for it tell each other. */
import type { EvaluationEntry } from "../fit/history.ts";
import type { StepReport } from "../fit/options.ts";

export type ToWorker = { readonly kind: "begin"; readonly given: unknown } | { readonly kind: "pause" | "resume" | "stop" };

export type ToPage =
  | { readonly kind: "step"; readonly report: StepReport }
  | { readonly kind: "evaluation"; readonly entry: EvaluationEntry }
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "error"; readonly name: string; readonly message: string };
