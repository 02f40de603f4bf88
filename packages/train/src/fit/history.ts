import type { Evaluation } from "./evaluate.ts";

/** What a step did. */
export interface StepEntry {
  /** Counted from 1. */
  readonly step: number;
  /** Epochs so far, in fractions. */
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradientNorm: number;
}

/** What an evaluation found. */
export interface EvaluationEntry {
  /** After this many steps. */
  readonly step: number;
  readonly epoch: number;
  readonly validation: Evaluation;
}

/** A line of a run's record. */
export type HistoryEntry = StepEntry | EvaluationEntry;

export const lineOf = (entry: HistoryEntry): string => `${JSON.stringify(entry)}\n`;

/** The lines of a record as far as `step`, each once: a process that lives on may have written one again. One that was cut off in the middle is none. */
export function historyFrom(text: string, step: number): HistoryEntry[] {
  const lines = new Set(text.split("\n").slice(0, -1));
  return [...lines].flatMap(entryOf).filter((entry) => entry.step <= step);
}

function entryOf(line: string): readonly HistoryEntry[] {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "step" in entry ? [entry as HistoryEntry] : [];
  } catch {
    return [];
  }
}
