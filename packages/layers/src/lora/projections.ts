/** The weights of a model that can be adapted, under the names that Hugging Face's library, timm, or the model itself has for them. */
import { kindOf, TensorError } from "../errors.ts";
import { compileTable, type CompiledTable, partsFor } from "../checkpoint/match-weights.ts";
import type { WeightLayout } from "../checkpoint/weight-table.ts";
import { type AdaptableLayer, isAdaptable } from "../nn/layer-adapter.ts";
import { Linear } from "../nn/linear.ts";
import type { Module } from "../nn/module.ts";
import type { Parameter } from "../tensor/parameter.ts";

/** A model, and how files name its weights if it says so. */
export type AdaptableModel = Module & { readonly layouts?: readonly WeightLayout[] | undefined };

/**
 * What to adapt: names, of which the last parts are enough (`["query", "value"]`), an expression that matches whole names, or every linear layer
 * but the one that makes a vocabulary's logits (`lm_head`). By name or expression, embeddings and convolutions too. PEFT's rules.
 */
export type TargetModules = readonly string[] | RegExp | "all-linear";

/** A layer, or those rows of it that are a layer of their own in files: the query of a joined query, key and value. */
export interface Projection {
  /** Its name in the layout's table: that of its weight, without `.weight`. */
  readonly name: string;
  readonly layer: AdaptableLayer;
  /** Whether the weight is another layer's, too. */
  readonly isTied: boolean;
  /** Of the weight's rows, from the first to before the second. */
  readonly rows: readonly [begin: number, end: number];
}

export const isPattern = (targets: unknown): targets is RegExp => kindOf(targets) === "RegExp";

const ownNames: WeightLayout = { name: "the model's own names", table: { "*": "*" } };

/** A model's parts by the names of one layout. */
export class Naming {
  readonly layout: WeightLayout;
  readonly projections: readonly Projection[];
  readonly #model: Module;
  readonly #table: CompiledTable;
  readonly #leftOut: string;
  readonly #tied: ReadonlySet<Parameter>;

  constructor(model: Module, layout: WeightLayout) {
    const { basePrefix = "" } = layout;
    this.layout = layout;
    this.#model = model;
    this.#table = compileTable(layout);
    this.#tied = new Set([...model.namedModules()].flatMap(([, module]) => module.tiedParameters));
    const keys = [...model.namedParameters().keys()].flatMap((path) => this.keysOf(path));
    this.#leftOut = keys.every((key) => key.startsWith(basePrefix)) ? basePrefix : "";
    this.projections = [...adaptableLayers(model)].flatMap(([path, layer]) => this.#projectionsOf(path, layer));
  }

  /** A model's namings, in its own order, the model's property names last. */
  static allOf(model: AdaptableModel): readonly Naming[] {
    return [...(model.layouts ?? []), ownNames].map((layout) => new Naming(model, layout));
  }

  /** A key of the table as Hugging Face's library has it: the bare base model leaves the layout's prefix out. */
  publicName(key: string): string {
    return key.startsWith(this.#leftOut) ? key.slice(this.#leftOut.length) : key;
  }

  /**
   * The parameters of these modules, with their paths.
   * @throws TensorError when a parameter is only in part one of theirs, or tied: of what is one matrix here, PEFT gives each such module a copy of its own
   */
  parametersIn(modules: readonly string[]): ReadonlyMap<string, Parameter> {
    const found = [...this.#model.namedParameters()].filter(([path, parameter]) => {
      if (this.#tied.has(parameter)) this.#refuseTied(path, modules);
      const keys = this.keysOf(path);
      const among = keys.filter((key) => isIn(this.publicName(key), modules));
      if (among.length === 0 || among.length === keys.length) return among.length > 0;
      throw new TensorError(`LoRA: ${among.join(", ")} can't be trained alone: ${path} holds ${keys.join(", ")} together`);
    });
    return new Map(found);
  }

  #refuseTied(path: string, modules: readonly string[]): void {
    const parts = partsFor(this.#table, path) ?? [];
    const names = parts.flatMap(({ key, otherKeys = [] }) => [key, ...otherKeys]).map((key) => this.publicName(key));
    const asked = modules.filter((module) => names.some((name) => isIn(name, [module])));
    if (asked.length === 0) return;
    const modulesToSave = asked.map((module) => `"${module}"`).join(", ");
    const uses = names.length > 1 ? `: ${names.join(", ")}` : "";
    throw new TensorError(
      `LoRA: ${modulesToSave} of modulesToSave can't be trained whole: ${path} is one matrix for several layers${uses}, and PEFT would train ` +
        "a copy for each module asked for and leave the others as they were; leave it out, or load a model whose output layer has a matrix of its own, with `tieWordEmbeddings: false`",
    );
  }

  /** A parameter's keys in this layout's files. */
  keysOf(path: string): readonly string[] {
    return partsFor(this.#table, path)?.map(({ key }) => key) ?? [];
  }

  #projectionsOf(path: string, layer: AdaptableLayer): Projection[] {
    const [rows = 0] = layer.weight.shape;
    const isTied = this.#tied.has(layer.weight);
    const parts = partsFor(this.#table, `${path}.weight`) ?? [];
    const isPlain = parts.every((part) => part.key.endsWith(".weight") && !part.rows && part.transpose !== true && !part.shape);
    if (!isPlain || rows % parts.length !== 0) return [];
    const share = rows / parts.length;
    return parts.map(({ key }, i) => ({ name: key.slice(0, -".weight".length), layer, isTied, rows: [i * share, (i + 1) * share] }));
  }
}

/**
 * The projections that are asked for, under the first naming that has all the names.
 * @throws TensorError naming those that the model doesn't have, and what its layers are called
 */
export function findTargets(
  model: AdaptableModel,
  targets: TargetModules,
  modulesToSave: readonly string[],
): { readonly naming: Naming; readonly projections: readonly Projection[] } {
  const namings = Naming.allOf(model);
  const unknown = namings.map((naming) => {
    const names = naming.projections.map(({ name }) => naming.publicName(name));
    const absent =
      typeof targets === "string" || isPattern(targets) ? [] : targets.filter((target) => !names.some((name) => isCalled(name, target)));
    return [...absent, ...modulesToSave.filter((module) => naming.parametersIn([module]).size === 0)];
  });
  const chosen = namings.map((naming) => targetsUnder(naming, targets, modulesToSave));
  const found = namings.findIndex((_, i) => unknown[i]?.length === 0 && chosen[i]?.length !== 0);
  const [naming, projections] = [namings[found], chosen[found]];
  if (naming && projections) return { naming, projections };
  const fewest = unknown.toSorted((a, b) => a.length - b.length)[0] ?? [];
  const asked = fewest.length > 0 ? fewest.map((name) => `"${name}"`).join(", ") : `what matches ${String(targets)}`;
  throw new TensorError(`LoRA: the model doesn't have ${asked}; the layers that can be adapted are called ${listedNames(namings)}`);
}

/** The projections that are asked for, by the names of one layout. Modules that are saved whole aren't adapted. */
export function targetsUnder(naming: Naming, targets: TargetModules, modulesToSave: readonly string[]): readonly Projection[] {
  return naming.projections.filter((projection) => {
    const name = naming.publicName(projection.name);
    return !isIn(`${name}.weight`, modulesToSave) && isTarget(name, projection.layer, targets);
  });
}

function isTarget(name: string, layer: AdaptableLayer, targets: TargetModules): boolean {
  if (targets === "all-linear") return layer instanceof Linear && !isCalled(name, "lm_head") && !isCalled(name, "lmHead");
  if (isPattern(targets)) return new RegExp(`^(?:${targets.source})$`, targets.flags.replace(/[gy]/g, "")).test(name);
  return targets.some((target) => isCalled(name, target));
}

/** Whether it is the name, or its last parts are. */
const isCalled = (name: string, called: string): boolean => name === called || name.endsWith(`.${called}`);

/** Whether a key is that of something in one of the modules. */
const isIn = (key: string, modules: readonly string[]): boolean => modules.some((module) => `.${key}`.includes(`.${module}.`));

/** `query, key, value, dense (Hugging Face BERT) or qkv, proj, fc1, fc2 (the model's own names)` */
function listedNames(namings: readonly Naming[]): string {
  const lists = new Map(
    namings.map((naming) => [
      [...new Set(naming.projections.map(({ name }) => name.slice(name.lastIndexOf(".") + 1)))].join(", "),
      naming.layout.name,
    ]),
  );
  return [...lists].map(([names, layout]) => `${names || "nothing"} (${layout})`).join(" or ");
}

/** Every such layer once, by its path. */
function adaptableLayers(module: Module): ReadonlyMap<string, AdaptableLayer> {
  const paths = new Map<AdaptableLayer, string>();
  for (const [path, layer] of module.namedModules()) if (isAdaptable(layer) && !paths.has(layer)) paths.set(layer, path);
  return new Map([...paths].map(([layer, path]) => [path, layer]));
}
