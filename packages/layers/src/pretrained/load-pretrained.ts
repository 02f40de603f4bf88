import { type CheckpointOptions, checkpointRules } from "../checkpoint/checkpoint.ts";
import { TensorError } from "../errors.ts";
import { CheckpointError, reasonOf } from "../files/checkpoint-error.ts";
import { type FileSource, isFileSource } from "../files/file-source.ts";
import { openSource, type SourceLocation } from "../files/source.ts";
import type { Module } from "../nn/module.ts";
import { anObject, anRng, aText, checkOptions, many, type RulesOf } from "../options.ts";
import { Rng } from "../random.ts";
import { init } from "../tensor/engine.ts";
import { snakeCase } from "./config-keys.ts";
import { allOrNothing } from "../tensor/scope.ts";
import { withoutUndefined } from "./config-values.ts";
import { checkConfig, type Family, type FamilyPart, type PartOptions, type PretrainedClass, type PretrainedFiles } from "./family.ts";
import { headOf, initializeHead } from "./head.ts";
import { loadModule, type ModuleOptions, moduleRules, notesOf, type Recipe, unfilledOf } from "./module-weights.ts";

export interface PretrainedOptions<Config = object> extends CheckpointOptions, ModuleOptions {
  /**
   * Class names of a new head, in place of the checkpoint's or where it has none: for fine-tuning. A new head begins the same way in every model: weights
   * from N(0, `initializerRange`²), 0.02 where the config has no such setting, and zero biases. Without `labels`, a head that the checkpoint lacks begins so, too.
   */
  readonly labels?: readonly string[] | undefined;
  /** What is to be otherwise than the checkpoint's config says: `hiddenDropoutProb`, `imageSize`… */
  readonly config?: Config | undefined;
  /** What dropout, new heads and whatever else no file fills draw from. Default seed 0. */
  readonly rng?: Rng | undefined;
}

export const pretrainedRules: RulesOf<PretrainedOptions> = {
  ...checkpointRules,
  ...moduleRules,
  labels: many(aText),
  config: anObject,
  rng: anRng,
};

/** What every model has. */
type Loadable = Module & { readonly config: object; notes: readonly string[]; unfilled: readonly string[] };

/**
 * A model of this class, in evaluation mode. When anything fails or is aborted, nothing stays in memory.
 * @throws CheckpointError when something can't be read, is another family's, or lacks weights
 * @throws TensorError when there are `labels` and no head that they could name the classes of
 */
export async function loadPretrained<Given extends object, Config extends Given, Model extends Loadable, Files extends PretrainedFiles>(
  Kind: PretrainedClass<Given, Config, Model, Files>,
  where: SourceLocation | FileSource,
  given: PretrainedOptions<Given> = {},
): Promise<Model> {
  checkOptions(`${Kind.name}.fromPretrained`, given, pretrainedRules);
  const { labels, config, rng = new Rng(0), ...options } = given;
  await init();
  const { family } = Kind;
  const files = await family.open(isFileSource(where) ? where : await openSource(where, options), options);
  const differing = await differingTie(family, files, options.signal);
  const found = { ...(await family.configFrom(files)), ...(differing && { tieWordEmbeddings: false }) };
  const notes = [
    ...(files.notes ?? []),
    ...(await checkConfig(family, files.config, files.source.label)),
    ...(differing ? [noteOfTie(differing)] : []),
  ];
  checkDepth(found, files.checkpoint.entries.size, files.source.label);
  const wanted = { ...withoutUndefined(config ?? {}), ...(labels && family.head?.classes(labels)) };
  const merged = family.override?.(found, wanted) ?? { ...found, ...wanted };
  const model = allOrNothing(() => (config ? new Kind(merged, rng) : made(Kind, merged, files, rng)));
  try {
    model.notes = notes;
    const layouts = family.layouts(merged);
    const head = headOf(model, family.head?.parameters ?? [], layouts);
    if (labels && head.parameters.size === 0)
      throw new TensorError("fromPretrained: `labels` name the classes of a head, but this model has none");
    const ignore = [...(options.ignore ?? []), ...(labels ? [...head.parameters.keys(), ...head.entries] : [])];
    const module = family.weights?.(model) ?? model;
    const recipe: Recipe = {
      mayBeMissing: family.mayBeMissing ?? family.head?.parameters,
      mayBeBeside: files.config["model_type"] !== undefined, // Hugging Face's library warns, timm and open_clip refuse
      initialize(paths) {
        module.initialize(rng);
        initializeHead(head, paths, model.config, rng);
      },
    };
    const report = await loadModule(module, files.checkpoint, layouts, { ...options, ignore }, recipe);
    model.notes = [...model.notes, ...notesOf(report)];
    model.unfilled = unfilledOf(report);
    options.signal?.throwIfAborted();
    for (const part of family.parts ?? []) await readPart(part, model, files, { ...options, rng });
    options.signal?.throwIfAborted();
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

type Tie = readonly [name: string, other: string];

/** Two entries that should be one and aren't. */
async function differingTie<Config, Model, Files extends PretrainedFiles>(
  { ties = [] }: Family<Config, Model, Files>,
  { config, checkpoint }: Files,
  signal: AbortSignal | undefined,
): Promise<Tie | undefined> {
  if (config["tie_word_embeddings"] === false) return undefined;
  for (const [name, other] of ties) {
    const both = checkpoint.entries.has(name) && checkpoint.entries.has(other);
    if (both && !(await checkpoint.areEqual(name, other, signal))) return [name, other];
  }
  return undefined;
}

const noteOfTie = ([name, other]: Tie): string => `${name} and ${other} differ in the checkpoint, so each is used for itself`;

/** A model whose config is all from a file. @throws CheckpointError when it makes no sense */
function made<Given extends object, Config extends Given, Model, Files extends PretrainedFiles>(
  Kind: PretrainedClass<Given, Config, Model, Files>,
  config: Config,
  { source }: Files,
  rng: Rng,
): Model {
  try {
    return new Kind(config, rng);
  } catch (cause) {
    if (!(cause instanceof TensorError)) throw cause;
    throw new CheckpointError(`config.json: ${reasonOf(cause)}`, { file: source.label, cause });
  }
}

/** @throws CheckpointError when there are more layers than the checkpoint has entries: building them might never end */
function checkDepth(config: object, most: number, file: string): void {
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) checkDepth(value, most, file);
    const depths: readonly unknown[] = /(L|^l)ayers$|^depths$/.test(name) ? [value].flat() : [];
    if (!depths.some((depth) => typeof depth === "number" && depth > most)) continue;
    const problem = `config.json: ${snakeCase(name)} is more than the checkpoint has entries`;
    throw new CheckpointError(problem, { file, expected: `at most ${most}`, found: JSON.stringify(value) });
  }
}

/** What can't be followed is told when it is needed; what can't be read, now. */
async function readPart<Model extends object, Files extends PretrainedFiles>(
  part: FamilyPart<Model, Files>,
  model: Model,
  files: Files,
  options: PartOptions,
): Promise<void> {
  try {
    await part.read(model, files, options);
  } catch (cause) {
    if (cause instanceof CheckpointError || options.signal?.aborted === true) throw cause;
    for (const property of part.properties) {
      const problem = `the ${property} beside the weights can't be used: ${reasonOf(cause)}; set \`${property}\` to one of your own`;
      throwWhenRead(model, property, new CheckpointError(problem, { file: files.source.label, cause }));
    }
  }
}

/** Whoever reads the property gets the error, until another value is put there. */
function throwWhenRead(model: object, property: string, error: Error): void {
  Object.defineProperty(model, property, {
    configurable: true,
    enumerable: false, // a module looks through its properties for what it holds
    get: (): never => {
      throw error;
    },
    set(value: unknown) {
      Object.defineProperty(model, property, { value, configurable: true, enumerable: true, writable: true });
    },
  });
}
