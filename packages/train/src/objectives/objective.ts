import { type Module, type Rng, Tensor } from "@x/layers";

/** What a model is to learn, from which examples. The ones here are functions of a model; your own is an object like this. */
export interface Objective<Example, Batch = unknown, Outcome extends Learned = Learned> {
  readonly model: Module;
  /** Examples → what `loss` reads. Its tensors are freed after the step. */
  readonly collate: (examples: readonly Example[]) => Batch | Promise<Batch>;
  /** What is to become small, a mean over the batch: a scalar (), alone or beside what the scores look at. */
  readonly loss: (batch: Batch) => Tensor | Outcome;
  /** How many things the loss is a mean over, where they aren't the examples: words with a label, say. */
  readonly weightOf?: ((batch: Batch) => number) | undefined;
  /** For batches of similar length, in any unit. Default: it doesn't matter. */
  readonly lengthOf?: ((example: Example) => number) | undefined;
  /** What is counted in one evaluation, beside the loss. Default: nothing. */
  readonly scores?: (() => Scores<Batch, Outcome>) | undefined;
  /** What it draws from itself: masks, augmentations. What the model draws from is known. Default: nothing. */
  readonly rngs?: readonly Rng[] | undefined;
  /** Called after every step of the optimizer. Default: nothing. */
  readonly afterStep?: (() => void) | undefined;
}

/** A loss, and what else came of the batch. */
export interface Learned {
  /** () */
  readonly loss: Tensor;
}

/** Adds up batch by batch. */
export interface Scores<Batch, Outcome> {
  add(outcome: Outcome, batch: Batch): void;
  result(): Metrics;
}

/** What an evaluation found, by name: plain JSON. */
export interface Metrics {
  readonly [name: string]: Metric | undefined;
}

export type Metric = number | string | readonly Metric[] | Metrics;

/** A loss alone, as the outcome that it is. */
export const outcomeOf = (loss: Tensor | Learned): Learned => (loss instanceof Tensor ? { loss } : loss);
