import type { SaveLocation, SaveOptions } from "../checkpoint/save-safetensors.ts";
import type { WeightLayout } from "../checkpoint/weight-table.ts";
import type { FileSource } from "../files/file-source.ts";
import type { SourceLocation } from "../files/source.ts";
import { Module } from "../nn/module.ts";
import { anRng, checkOptions, type RulesOf } from "../options.ts";
import { Rng } from "../random.ts";
import { init } from "../tensor/engine.ts";
import { allOrNothing } from "../tensor/scope.ts";
import type { PretrainedClass, PretrainedFiles } from "./family.ts";
import { loadPretrained, type PretrainedOptions } from "./load-pretrained.ts";

const rules: RulesOf<{ readonly rng?: Rng | undefined }> = { rng: anRng };

/**
 * A model that has a place on the hub. A class of models says which by `static readonly family`, and is made by `new (config, rng)`, which leaves the parameters
 * unfilled: `fromPretrained` and `fromConfig` fill them.
 */
export abstract class PretrainedModel<Config extends object> extends Module {
  readonly config: Config;
  /** What loading passed over: keys of files that aren't known here, and what else the files said in vain. */
  notes: readonly string[] = [];
  /** Paths of parameters that no entry of the checkpoint filled: they are as new. */
  unfilled: readonly string[] = [];

  constructor(config: Config) {
    super();
    this.config = config;
  }

  /** What adapters call its weights: see `LoRA`. */
  get layouts(): readonly WeightLayout[] {
    const family = familyOf<Config, this>(this);
    return family.adapterLayouts?.(this.config) ?? family.layouts(this.config);
  }

  /**
   * A model from the hub (`"google/vit-base-patch16-224"`), a folder, an address, or files in memory, with what lies beside its weights; in evaluation mode.
   *
   * A processor, tokenizer or settings for generation that ask for what isn't known here don't keep the model from loading: the property throws, with the reason, when it is read. When
   * anything else fails, or it is aborted, nothing stays in memory.
   * @throws CheckpointError when a file is damaged or can't be read, is another family's, or lacks weights
   * @throws TensorError when there are `labels`, but this class has no head
   */
  static fromPretrained<Given extends object, Config extends Given, Model extends PretrainedModel<object>, Files extends PretrainedFiles>(
    this: PretrainedClass<Given, Config, Model, Files>,
    where: SourceLocation | FileSource,
    options: PretrainedOptions<NoInfer<Given>> = {},
  ): Promise<Model> {
    return loadPretrained(this, where, options);
  }

  /** A fresh model with random parameters, as its paper has it; what `config` leaves out has defaults. @param options.rng default seed 0 */
  static async fromConfig<Given extends object, Config extends Given, Model extends Module, Files extends PretrainedFiles>(
    this: PretrainedClass<Given, Config, Model, Files>,
    config: NoInfer<Given>,
    options: { readonly rng?: Rng | undefined } = {},
  ): Promise<Model> {
    checkOptions(`${this.name}.fromConfig`, options, rules);
    const { rng = new Rng(0) } = options;
    await init();
    return allOrNothing(() => new this(config, rng).initialize(rng));
  }

  /**
   * Writes `config.json`, `model.safetensors` and what comes with the model, as the library that its names are from reads them.
   * @throws CheckpointError when that fails, or a part of the model couldn't be read and none was put in its place
   * @throws TensorError when an adapter is at work: merge it, save it by itself, or disable it
   */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const { savePretrained } = await import("./save-pretrained.ts");
    await savePretrained(familyOf<Config, this>(this), this, where, options);
  }
}

/** What the model's class says of it. */
function familyOf<Config extends object, Model extends PretrainedModel<Config>>(model: Model) {
  return (model.constructor as PretrainedClass<Config, Config, Model, PretrainedFiles>).family;
}
