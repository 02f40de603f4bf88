import { ArgumentError, noGrad, type Rng } from "@x/layers";
import { breather, checkArguments, shaped } from "@x/layers/model";
import { Batches, type Dataset } from "../data/batches.ts";
import type { Learned, Objective } from "../objectives/objective.ts";
import { WeightAverage } from "./average.ts";
import { type Best, buffersOf, readWeights, restore, type RunState, type Trained } from "./checkpoint.ts";
import { evaluate, type Evaluation } from "./evaluate.ts";
import type { EvaluationEntry, HistoryEntry } from "./history.ts";
import type { FitOptions, FitResult } from "./options.ts";
import { checkSettings, optimizerOf, planOf } from "./plan.ts";
import { restoreRngs, rngsOf, rngStates } from "./rngs.ts";
import { Run } from "./run.ts";
import { takeStep } from "./step.ts";

/**
 * Trains a model: batches in an order of their own each epoch, steps of the optimizer, evaluations, checkpoints.
 *
 * ```ts
 * await fit(textClassification(model), mails, { validation: others, epochs: 3, run: "spam-run" });
 * ```
 *
 * The model is put into training mode, and back into the modes that it came in. With `run`, the process may end at any moment: the same call goes on,
 * in the middle of an epoch, and ends with the same weights. For that the model must be made anew the same way, and what a callback or a schedule of
 * your own remembers is yours to keep.
 * @throws TensorError when the loss or a gradient isn't finite; the step isn't taken then
 * @throws ArgumentError when an option can't be, or the run is another's
 * @throws CheckpointError when a checkpoint can't be written: the earlier ones are still there
 * @throws the signal's reason when aborted
 */
export async function fit<Example, Batch, Outcome extends Learned>(
  objective: Objective<Example, Batch, Outcome>,
  data: Dataset<Example>,
  options: FitOptions<Example> = {},
): Promise<FitResult> {
  checkArguments("fit", shaped("an objective: what has a model, collate and loss", "model", "collate", "loss"), { objective });
  const { model } = objective;
  const modes = [...model.namedModules()].map(([, module]) => [module, module.training] as const);
  try {
    model.train();
    return await new Fit(objective, data, options).run();
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}

/** One training, as far as it has come. */
class Fit<Example, Batch, Outcome extends Learned> {
  readonly #objective: Objective<Example, Batch, Outcome>;
  readonly #data: Dataset<Example>;
  readonly #options: FitOptions<Example>;
  readonly #plan;
  readonly #schedule;
  readonly #trained: Trained;
  readonly #rngs: readonly Rng[];
  #files: Run | undefined;
  #history: HistoryEntry[] = [];
  #best: Best | undefined;
  #bestWeights: (() => Promise<void>) | undefined;
  #stale = 0;
  #step = 0;
  #finished = false;
  #seconds = 0;

  constructor(objective: Objective<Example, Batch, Outcome>, data: Dataset<Example>, options: FitOptions<Example>) {
    this.#objective = objective;
    this.#data = data;
    this.#options = options;
    this.#plan = planOf(objective, data, options);
    const { optimizer, schedule } = optimizerOf(this.#plan, options);
    const { parameters, rng } = this.#plan;
    this.#schedule = schedule;
    this.#rngs = rngsOf(objective, [rng, ...(options.adapter?.rngs() ?? [])]);
    this.#trained = {
      parameters,
      buffers: buffersOf(objective.model.stateDict()),
      average: options.averageDecay === undefined ? undefined : new WeightAverage(parameters.values(), options.averageDecay),
      optimizer,
    };
  }

  async run(): Promise<FitResult> {
    const { run } = this.#options;
    const { keep } = this.#plan;
    try {
      if (run !== undefined) this.#files = await Run.open(run, keep);
      const cursor = await this.#resume();
      if (!this.#finished) await this.#train(cursor);
      if (this.#finished) await this.#end();
      return { steps: this.#step, finished: this.#finished, best: this.#best, history: this.#history, seconds: this.#seconds };
    } finally {
      this.#trained.average?.[Symbol.dispose]();
      if (!this.#options.optimizer) this.#trained.optimizer.dispose();
    }
  }

  /** @returns where the data goes on; undefined: at the beginning */
  async #resume(): Promise<RunState["cursor"] | undefined> {
    const found = await this.#files?.latest();
    if (!found) return undefined;
    const { checkpoint, state, history } = found;
    checkSettings(this.#plan.settings, state.settings);
    await restore(this.#trained, checkpoint, state);
    restoreRngs(this.#rngs, state.rngs);
    this.#history = history;
    this.#step = state.step;
    this.#stale = state.stale;
    this.#seconds = state.seconds;
    this.#finished = state.finished;
    if (state.best) this.#remember(state.best);
    return state.cursor;
  }

  async #train(cursor: RunState["cursor"] | undefined): Promise<void> {
    const { steps, batchSize, accumulate, maxGradientNorm, rng, stepsPerEpoch, saveEvery } = this.#plan;
    const { signal, blocks = "kept", groupByLength = false } = this.#options;
    const { optimizer, parameters } = this.#trained;
    const names = new Map([...parameters].map(([name, parameter]) => [parameter, name]));
    const lengthOf = groupByLength ? this.#objective.lengthOf : undefined;
    const batches = new Batches(this.#data, { batchSize, shuffle: true, rng, lengthOf, epochs: Infinity, cursor });
    const clock = stopwatch(this.#seconds);
    const before = this.#step;
    const breathe = breather();
    for await (const examples of batches) {
      signal?.throwIfAborted();
      const step = ++this.#step;
      optimizer.learningRate = this.#schedule(step);
      const { loss, gradientNorm } = await takeStep(this.#objective, examples, { optimizer, names, maxGradientNorm, accumulate, blocks });
      this.#trained.average?.update();
      this.#seconds = clock.seconds();
      const epoch = stepsPerEpoch === undefined ? batches.cursor.epoch : step / stepsPerEpoch;
      const entry = { step, epoch, loss, learningRate: optimizer.learningRate, gradientNorm };
      await this.#note(entry);
      const secondsLeft = (clock.sinceStart() / (step - before)) * (steps - step);
      const told = await this.#options.onStep?.({ ...entry, steps, secondsLeft });
      const last = step >= steps;
      const { improved, stopped } = await this.#evaluateIfDue(step, epoch, last);
      this.#seconds = clock.seconds();
      this.#finished = last || this.#stale >= (this.#options.patience ?? Infinity);
      const ends = this.#finished || stopped || told === "stop";
      if (ends || improved || step % saveEvery === 0) await this.#save(batches.cursor);
      if (ends) return;
      await breathe();
    }
  }

  async #evaluateIfDue(step: number, epoch: number, last: boolean): Promise<{ readonly improved: boolean; readonly stopped: boolean }> {
    const { validation, onEvaluation, signal } = this.#options;
    const { evaluateEvery, batchSize, accumulate, best } = this.#plan;
    if (validation === undefined || !(last || step % evaluateEvery === 0)) return { improved: false, stopped: false };
    const { average } = this.#trained;
    average?.exchange();
    try {
      const evaluation = await evaluate(this.#objective, validation, { batchSize: Math.ceil(batchSize / accumulate), signal });
      const entry: EvaluationEntry = { step, epoch, validation: evaluation };
      await this.#note(entry);
      checkBest(best, evaluation);
      const improved = isBetter(best, evaluation, this.#best?.evaluation);
      this.#stale = improved ? 0 : this.#stale + 1;
      if (improved) this.#remember({ step, evaluation });
      return { improved, stopped: (await onEvaluation?.(entry)) === "stop" };
    } finally {
      average?.exchange();
    }
  }

  /** In the run's files; without them in memory, as the weights, or their averages, are now. */
  #remember(best: Best): void {
    this.#best = best;
    const files = this.#files;
    if (files) {
      this.#bestWeights = async () => readWeights(this.#trained, await files.open(best.step));
      return;
    }
    const copies = [...this.#trained.parameters.values(), ...this.#trained.buffers.values()].map(
      (tensor) => [tensor, tensor.toTypedArray()] as const,
    );
    this.#bestWeights = async () => {
      for (const [tensor, values] of copies) tensor.data.set(values);
    };
  }

  /** The model gets the weights that it is to end with. */
  async #end(): Promise<void> {
    if (this.#bestWeights) await this.#bestWeights();
    else noGrad(() => this.#trained.average?.exchange());
  }

  async #save(cursor: RunState["cursor"]): Promise<void> {
    const { steps, parameters } = this.#trained.optimizer.state();
    const state: RunState = {
      step: this.#step,
      finished: this.#finished,
      cursor,
      rngs: rngStates(this.#rngs),
      optimizer: { steps, moved: parameters.map((parameter) => parameter.steps) },
      best: this.#best,
      stale: this.#stale,
      seconds: this.#seconds,
      settings: this.#plan.settings,
    };
    await this.#files?.save(this.#trained, state, this.#history);
  }

  async #note(entry: HistoryEntry): Promise<void> {
    this.#history.push(entry);
    await this.#files?.record(entry);
  }
}

const lowest = new Set(["loss", "perplexity"]);

/** @throws ArgumentError when the evaluation has no number of that name */
function checkBest(name: string, evaluation: Evaluation): void {
  const numbers = Object.keys(evaluation).filter((key) => typeof evaluation[key] === "number");
  if (!numbers.includes(name))
    throw new ArgumentError("fit", `best is one of the evaluation's numbers, ${numbers.join(", ")}`, `is ${name}`);
}

/** What isn't a number (a correlation with what doesn't change) is worse than any. */
function isBetter(name: string, now: Evaluation, before: Evaluation | undefined): boolean {
  const value = (evaluation: Evaluation): number => {
    const found = Number(evaluation[name]);
    return Number.isNaN(found) ? -Infinity : lowest.has(name) ? -found : found;
  };
  return before === undefined || value(now) > value(before);
}

function stopwatch(earlier: number): { seconds(): number; sinceStart(): number } {
  const start = performance.now();
  const sinceStart = (): number => (performance.now() - start) / 1000;
  return { sinceStart, seconds: () => earlier + sinceStart() };
}
