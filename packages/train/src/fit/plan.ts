import { AdamW, ArgumentError, decayMatricesOnly, linearWithWarmup, type Optimizer, type Parameter, Rng, type Schedule } from "@x/layers";
import {
  aboveZero,
  aFlag,
  aFunction,
  anObject,
  anRng,
  aSignal,
  aText,
  belowOne,
  checkArguments,
  checkOptions,
  either,
  fromZero,
  oneOf,
  type RulesOf,
  shaped,
  wholeFrom,
} from "@x/layers/model";
import { aDataset, Batches, type Dataset, isList, someExamples } from "../data/batches.ts";
import type { Objective } from "../objectives/objective.ts";
import type { Settings } from "./checkpoint.ts";
import type { FitOptions } from "./options.ts";

const count = wholeFrom(1);
const rules: RulesOf<FitOptions<unknown>> = {
  epochs: count,
  steps: count,
  batchSize: count,
  groupByLength: aFlag,
  accumulate: count,
  learningRate: fromZero,
  schedule: aFunction,
  optimizer: shaped("an AdamW, an SGD or another Optimizer", "groups", "loadState"),
  maxGradientNorm: aboveZero,
  averageDecay: belowOne,
  adapter: shaped("a LoRA", "namedParameters", "rngs"),
  rng: anRng,
  validation: someExamples,
  evaluateEvery: count,
  best: aText,
  patience: count,
  run: either(aText, either(anObject, shaped("a directory handle", "getFileHandle"))),
  saveEvery: count,
  keep: count,
  blocks: oneOf("kept", "recomputed"),
  onStep: aFunction,
  onEvaluation: aFunction,
  signal: aSignal,
};

/** What the options come to. */
export interface Plan {
  readonly steps: number;
  readonly batchSize: number;
  readonly accumulate: number;
  readonly maxGradientNorm: number;
  /** Infinity: at the end only. */
  readonly evaluateEvery: number;
  readonly saveEvery: number;
  readonly keep: number;
  readonly best: string;
  readonly rng: Rng;
  readonly stepsPerEpoch: number | undefined;
  /** What is trained, by name. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** What must be the same for whoever goes on. */
  readonly settings: Settings;
}

/** @throws ArgumentError when an option can't be, or there is nothing to train */
export function planOf<Example>(objective: Pick<Objective<Example>, "model">, data: Dataset<Example>, options: FitOptions<Example>): Plan {
  checkArguments("fit", aDataset, { data });
  checkOptions("fit", options, rules);
  const { batchSize = 16, accumulate = 1, maxGradientNorm = 1, keep = 2, best = "loss", rng = new Rng(0), adapter } = options;
  if (options.epochs !== undefined && options.steps !== undefined)
    throw new ArgumentError("fit", "epochs or steps say how long, not both", `${options.epochs} and ${options.steps} came`);
  const idle = (["evaluateEvery", "best", "patience"] as const).find((name) => options[name] !== undefined);
  if (options.validation === undefined && idle !== undefined)
    throw new ArgumentError("fit", `${idle} needs validation, the examples to evaluate with`, "none were given");
  const stepsPerEpoch = new Batches(data, { batchSize }).batchesPerEpoch;
  if (stepsPerEpoch === 0) throw new ArgumentError("fit", "there must be something to learn from", "the dataset is empty");
  const steps = options.steps ?? (stepsPerEpoch && stepsPerEpoch * (options.epochs ?? 3));
  if (steps === undefined) throw new ArgumentError("fit", "steps are needed where the dataset isn't a list", "none were given");
  const trainable = [...(adapter ?? objective.model).namedParameters()].filter(([, { requiresGrad }]) => requiresGrad);
  if (trainable.length === 0)
    throw new ArgumentError("fit", "something must be trained (of a model with a LoRA, give that as adapter)", "every parameter is frozen");
  if (adapter && (adapter.merged || !adapter.enabled))
    throw new ArgumentError(
      "fit",
      "the adapter must be at work beside the weights",
      adapter.merged ? "it is merged: unmerge() it" : "it is disabled: enable() it",
    );
  const everyEpoch = stepsPerEpoch ?? Infinity;
  const settings = {
    steps,
    batchSize,
    accumulate,
    ...(isList(data) && { examples: data.length }),
    averageDecay: options.averageDecay ?? 0,
    ...(options.groupByLength === true && { groupByLength: 1 }),
  };
  return {
    steps,
    batchSize,
    accumulate,
    maxGradientNorm,
    evaluateEvery: options.evaluateEvery ?? everyEpoch,
    saveEvery: options.saveEvery ?? everyEpoch,
    keep,
    best,
    rng,
    stepsPerEpoch,
    parameters: new Map(trainable),
    settings,
  };
}

/** The optimizer, which the caller keeps if it is theirs, and the rate of every step. */
export function optimizerOf(
  { parameters, steps }: Plan,
  options: Pick<FitOptions<never>, "optimizer" | "learningRate" | "schedule">,
): {
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
} {
  const rate = options.learningRate ?? options.optimizer?.learningRate ?? 5e-5;
  const optimizer = options.optimizer ?? new AdamW(decayMatricesOnly([...parameters.values()], 0.01), { learningRate: rate });
  const names = new Set(parameters.values());
  const others = optimizer.groups.flatMap((group) => group.parameters).filter((parameter) => !names.has(parameter)).length;
  if (others > 0)
    throw new ArgumentError("fit", "the optimizer moves parameters of the model, or of the adapter", `${others} others are among its own`);
  return { optimizer, schedule: (options.schedule ?? upAndDown)(rate, steps) };
}

/** The last step still moves. */
const upAndDown = (learningRate: number, steps: number): Schedule => linearWithWarmup(learningRate, Math.ceil(steps / 10), steps + 1);

/** @throws ArgumentError saying what is another */
export function checkSettings(given: Settings, before: Settings): void {
  for (const [name, value] of Object.entries(before)) {
    if (given[name] !== value)
      throw new ArgumentError(
        "fit",
        `a run goes on as it began, with ${name} ${value} (another run belongs in another place)`,
        `${name} is ${given[name]}`,
      );
  }
}
