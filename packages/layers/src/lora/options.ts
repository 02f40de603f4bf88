/** What may be said of an adapter, and what each must be. */
import { type CheckpointOptions, checkpointRules } from "../checkpoint/checkpoint.ts";
import type { Progress } from "../files/source-file.ts";
import {
  aFlag,
  aFunction,
  anRng,
  aText,
  belowOne,
  either,
  fromZero,
  many,
  oneOf,
  type RulesOf,
  type ValueRule,
  wholeFrom,
} from "../options.ts";
import type { Rng } from "../random.ts";
import { isPattern, type TargetModules } from "./projections.ts";

export interface LoRAOptions {
  /** r, the width between A and B. Default 8. */
  readonly rank?: number | undefined;
  /** α: B·A is scaled by α / r. Default 8. */
  readonly alpha?: number | undefined;
  /** Dropout on what A sees, in training. Default 0. */
  readonly dropout?: number | undefined;
  /** The layers to adapt: linear ones, and by name embeddings and convolutions. Default all linear ones. */
  readonly targetModules?: TargetModules | undefined;
  /** Modules that are trained and saved whole, such as a new head: `["classifier"]`. None may have a matrix that is another layer's, too (tied word embeddings). Default none. */
  readonly modulesToSave?: readonly string[] | undefined;
  /** Scale by α / √r instead, which keeps large ranks learning. Kalajdzievski 2023. Default false. */
  readonly rslora?: boolean | undefined;
  /** Train features' lengths and their directions apart: DoRA, Liu et al. 2024. Learns as well with smaller ranks, and takes longer until it is merged. Default false. */
  readonly dora?: boolean | undefined;
  /** The base model's name on the hub, noted in the files. */
  readonly baseModel?: string | undefined;
  /** What A and dropout are drawn from. Default seed 0, unless there is dropout: then it is asked for. */
  readonly rng?: Rng | undefined;
}

export interface LoRAPretrainedOptions extends Omit<CheckpointOptions, "file"> {
  /** Patterns of entries to pass over: `["classifier.*"]` leaves the model's own head. Default none. */
  readonly ignore?: readonly string[] | undefined;
  /**
   * Whether it is an error that the file lacks layers which its list of targets names: an adapter of CLIP's image tower alone names the text tower's, too.
   * Default true.
   */
  readonly strict?: boolean | undefined;
  /** What dropout is drawn from in further training. Default seed 0. */
  readonly rng?: Rng | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const aPattern: ValueRule = { rule: "a RegExp", holds: isPattern };

export const loRARules: RulesOf<LoRAOptions> = {
  rank: wholeFrom(1),
  alpha: fromZero,
  dropout: belowOne,
  targetModules: either(many(aText), either(aPattern, oneOf("all-linear"))),
  modulesToSave: many(aText),
  rslora: aFlag,
  dora: aFlag,
  baseModel: aText,
  rng: anRng,
};

const { file: _file, ...placeRules } = checkpointRules;

export const loRAPretrainedRules: RulesOf<LoRAPretrainedOptions> = {
  ...placeRules,
  ignore: many(aText),
  strict: aFlag,
  rng: anRng,
  onProgress: aFunction,
};
