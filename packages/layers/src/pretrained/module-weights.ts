/** Between a module and a checkpoint: its parameters and buffers as what is read into, and written from. */
import type { Checkpoint } from "../checkpoint/contents.ts";
import { listed } from "../files/checkpoint-error.ts";
import { type LoadOptions, type LoadReport, loadRules, loadWeights, type Unfilled } from "../checkpoint/load-weights.ts";
import type { Destination } from "../checkpoint/transfer.ts";
import type { WeightLayout } from "../checkpoint/weight-table.ts";
import type { Module } from "../nn/module.ts";
import { linearWeights, quantize } from "../nn/quantize.ts";
import { toInt8 } from "../ops/matmul/packed-weight.ts";
import { oneOf, type RulesOf } from "../options.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";

export interface ModuleOptions extends LoadOptions {
  /** `int8` keeps the weights of linear layers as int8, for inference only: see `quantize`. Default float32, whatever the file has. */
  readonly dtype?: "float32" | "int8" | undefined;
}

export const moduleRules: RulesOf<ModuleOptions> = { ...loadRules, dtype: oneOf("float32", "int8") };

/** What a module does about parameters that no entry fills. */
export interface Recipe extends Pick<Unfilled, "mayBeMissing" | "mayBeBeside"> {
  /** Fills those at these paths; others of the module's may be filled, too, since they are read afterwards. */
  initialize(paths: readonly string[]): unknown;
}

/**
 * Fills a module from a checkpoint. It is disposed of if that fails. Throws as `loadWeights` does.
 * @param recipe for parameters and buffers that no entry fills. Default: they stay as they were
 */
export async function loadModule(
  module: Module,
  checkpoint: Checkpoint,
  layouts: readonly WeightLayout[],
  options: ModuleOptions = {},
  recipe?: Recipe,
): Promise<LoadReport> {
  const linear = new Set<Tensor>(options.dtype === "int8" ? linearWeights(module) : []);
  const destinations = new Map<string, Destination>();
  for (const [path, tensor] of module.stateDict()) {
    const onFilled = tensor instanceof Parameter && linear.has(tensor) ? () => toInt8(tensor) : undefined;
    destinations.set(path, { shape: tensor.shape, view: () => tensor.data, onFilled });
  }
  const prepare = (report: LoadReport): void => {
    const unfilled = unfilledOf(report);
    if (recipe && unfilled.length > 0) whileAwaited(module, new Set(report.loaded), () => recipe.initialize(unfilled));
  };
  try {
    const report = await loadWeights(destinations, checkpoint, layouts, options, { ...recipe, prepare });
    if (options.dtype === "int8") quantize(module);
    return report;
  } catch (error) {
    module.dispose();
    throw error;
  }
}

/** The parameters that no entry filled. */
export const unfilledOf = ({ missing, ignored, mismatched }: LoadReport): readonly string[] => [
  ...missing,
  ...ignored,
  ...mismatched.map(({ parameter }) => parameter),
];

/** What a user has to know of it. */
export function notesOf(report: LoadReport): string[] {
  const unfilled = unfilledOf(report);
  return [
    ...(unfilled.length > 0 ? [`no entry of the checkpoint fills ${listed(unfilled)}: initialised anew`] : []),
    ...(report.unexpected.length > 0 ? [`no part of the model takes the checkpoint's ${listed(report.unexpected)}: passed over`] : []),
  ];
}

/** Runs `body` while initialisers pass over the parameters at these paths, so that a large model costs no more than what it lacks. */
function whileAwaited(module: Module, paths: ReadonlySet<string>, body: () => void): void {
  const awaited = [...module.namedParameters()].flatMap(([path, parameter]) => (paths.has(path) ? [parameter] : []));
  for (const parameter of awaited) parameter.awaited = true;
  try {
    body();
  } finally {
    for (const parameter of awaited) parameter.awaited = false;
  }
}

/** A module's parameters and buffers as what can be read into and written from. */
export function weightsOf(module: Module): ReadonlyMap<string, { readonly shape: readonly number[]; view(): Float32Array }> {
  return new Map([...module.stateDict()].map(([path, tensor]) => [path, { shape: tensor.shape, view: () => tensor.data }]));
}
