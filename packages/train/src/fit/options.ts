import type { Optimizer, Parameter, Rng, Schedule } from "@x/layers";
import type { Dataset } from "../data/batches.ts";
import type { RunLocation } from "../storage/open-storage.ts";
import type { Best } from "./checkpoint.ts";
import type { EvaluationEntry, HistoryEntry, StepEntry } from "./history.ts";

export interface FitOptions<Example> {
  /** How often all examples are gone through. Default 3, or as often as `steps` need. */
  readonly epochs?: number | undefined;
  /** How many steps, instead of `epochs`; needed where the dataset isn't a list. */
  readonly steps?: number | undefined;
  /** How many examples a step learns from. Default 16. */
  readonly batchSize?: number | undefined;
  /**
   * Whether examples of similar length share a batch: less padding, so texts take less time, but batches that are less alike where length goes with what is
   * learned. Default false.
   */
  readonly groupByLength?: boolean | undefined;
  /** Into how many parts these are cut, which go through the model one after the other: memory holds the tape of one. Default 1. */
  readonly accumulate?: number | undefined;
  /** Default the optimizer's; without one 5e-5, which suits fine-tuning all of a model. LoRA and new models take ten times as much and more. */
  readonly learningRate?: number | undefined;
  /** From the learning rate and the number of steps to the rate of each. Default: up in the first tenth, then down in a line. */
  readonly schedule?: ((learningRate: number, steps: number) => Schedule) | undefined;
  /** Default AdamW, with a weight decay of 0.01 for matrices and none for biases and norms. */
  readonly optimizer?: Optimizer | undefined;
  /** Gradients of a longer common norm are shortened to it. Default 1; Infinity: none are. */
  readonly maxGradientNorm?: number | undefined;
  /** Evaluates and ends with a running mean of the weights, of which each step keeps this share: 0.999, say. Default: with the weights themselves. */
  readonly averageDecay?: number | undefined;
  /** A LoRA on the model: it alone is trained, and kept in checkpoints. Default: whatever of the model isn't frozen. */
  readonly adapter?: Adapter | undefined;
  /** What the order of the examples is drawn from. Default seed 0. */
  readonly rng?: Rng | undefined;
  /** Examples to evaluate with; the model ends with the weights that did best on them. Default none: it ends with the last ones. */
  readonly validation?: Dataset<Example> | undefined;
  /** After how many steps. Default: after every epoch. */
  readonly evaluateEvery?: number | undefined;
  /** Which of the evaluation's numbers says what is best: the highest, but of `loss` and `perplexity` the lowest. Default "loss". */
  readonly best?: string | undefined;
  /** Ends when so many evaluations in a row were no better. Default: never. */
  readonly patience?: number | undefined;
  /**
   * Where checkpoints, a record (`history.jsonl`) and a picture (`history.svg`) go. Where an unfinished run lies there, `fit` goes on with it and ends with
   * the weights that it would have had, bit for bit; a finished one is read. Default nowhere.
   */
  readonly run?: RunLocation | undefined;
  /** After how many steps a checkpoint is written. Default: after every epoch, and whenever an evaluation is the best. */
  readonly saveEvery?: number | undefined;
  /** How many of the last checkpoints stay, beside the best. Default 2. */
  readonly keep?: number | undefined;
  /**
   * "recomputed": of each block of the model only what goes in is kept for the way back, and the rest made again (gradient checkpointing): a fraction of the
   * memory for a third more time. Default "kept".
   */
  readonly blocks?: "kept" | "recomputed" | undefined;
  /** Called after every step; "stop" ends the training there, and the run can be gone on with later. */
  readonly onStep?: ((report: StepReport) => Answer) | undefined;
  /** Called after every evaluation; as `onStep`. */
  readonly onEvaluation?: ((entry: EvaluationEntry) => Answer) | undefined;
  /** Ends between two steps by throwing its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a callback may say. */
export type Answer = "stop" | void | Promise<"stop" | void>;

/** What `fit` needs of a LoRA. */
export interface Adapter {
  /** Whether the model's outputs are the adapted ones. */
  readonly enabled: boolean;
  /** Whether it is in the model's weights, where it learns nothing. */
  readonly merged: boolean;
  namedParameters(): Map<string, Parameter>;
  rngs(): Rng[];
}

export interface StepReport extends StepEntry {
  /** How many there will be. */
  readonly steps: number;
  /** Until the end, by the pace so far. */
  readonly secondsLeft: number;
}

export interface FitResult {
  /** Steps taken, earlier ones of the run included. */
  readonly steps: number;
  /** Whether there is nothing left to do: false after a callback's "stop". */
  readonly finished: boolean;
  /** The evaluation whose weights the model has; undefined without `validation`. */
  readonly best: Best | undefined;
  /** Every step and evaluation. */
  readonly history: readonly HistoryEntry[];
  /** What it took in all. */
  readonly seconds: number;
}
