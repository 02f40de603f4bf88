/**
 * LoRA: "Low-Rank Adaptation of Large Language Models", Hu et al. 2021. The model's weights W are frozen; beside some of them a product of two small matrices is
 * trained: h = W·x + α/r · B·A·x, eq. 3. DoRA, Liu et al. 2024, trains the lengths of W's rows beside. Files and names are those of Hugging Face's PEFT.
 */
import { type SaveLocation, type SaveOptions, saveRules, saveSafetensors } from "../checkpoint/save-safetensors.ts";
import type { SourceLocation } from "../files/source.ts";
import type { FileSource } from "../files/file-source.ts";
import { checkDraw, Dropout } from "../nn/dropout.ts";
import type { Module } from "../nn/module.ts";
import { TensorError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { Rng } from "../random.ts";
import { isInt8 } from "../ops/matmul/packed-weight.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { allOrNothing } from "../tensor/scope.ts";
import { type AdapterConfig, adapterConfigJson, patternFor } from "./adapter-config.ts";
import { adapterEntries, fillAdapter, openAdapter } from "./adapter-files.ts";
import { LowRank } from "./low-rank.ts";
import { type LoRAOptions, loRAPretrainedRules, type LoRAPretrainedOptions, loRARules } from "./options.ts";
import { type AdaptableModel, findTargets, type Naming, type Projection } from "./projections.ts";
import { isAdapters, SavedModules } from "./saved-modules.ts";

/**
 * An adapter on a model. Any number of them can be on one, and any of those at work; what they add is summed up.
 *
 * ```ts
 * const lora = LoRA.attach(bert, { rank: 8, alpha: 16, targetModules: ["query", "value"], modulesToSave: ["classifier"] });
 * const optimizer = new AdamW(lora.parameters(), { learningRate: 1e-3 });
 * …
 * await lora.savePretrained("my-adapter");
 * ```
 */
export class LoRA implements Disposable {
  readonly #naming: Naming;
  readonly #parts: readonly LowRank[];
  readonly #saved: SavedModules;
  readonly #config: AdapterConfig;
  readonly #rng: Rng;
  #enabled = false;
  #merged = false;

  /** The parameters are not filled. */
  private constructor(
    naming: Naming,
    projections: readonly Projection[],
    saved: ReadonlyMap<string, Parameter>,
    config: AdapterConfig,
    rng: Rng,
  ) {
    const { rslora, dora, rankPattern, alphaPattern } = config;
    this.#naming = naming;
    this.#config = config;
    this.#rng = rng;
    this.#saved = new SavedModules(saved);
    this.#parts = projections.map((projection) => {
      const name = naming.publicName(projection.name);
      const rank = patternFor(rankPattern, name) ?? config.rank;
      const alpha = patternFor(alphaPattern, name) ?? config.alpha;
      const scale = alpha / (rslora ? Math.sqrt(rank) : rank);
      return new LowRank(projection, { rank, scale, dropout: new Dropout(config.dropout, rng), dora });
    });
  }

  /**
   * Freezes the model and puts a fresh adapter to work on it, which changes nothing yet.
   * @throws TensorError when an option can't be, dropout isn't 0 and there is no rng, the model has no such modules, one of `modulesToSave` has a tied matrix, a weight is kept as int8, or another adapter has trained one of `modulesToSave` and is at work
   */
  static attach(model: AdaptableModel, options: LoRAOptions = {}): LoRA {
    checkOptions("LoRA.attach", options, loRARules);
    const { rank = 8, alpha = 8, dropout = 0, targetModules = "all-linear", modulesToSave = [], baseModel, rng } = options;
    const { rslora = false, dora = false } = options;
    checkDraw("LoRA.attach", dropout, rng);
    const { naming, projections } = findTargets(model, targetModules, modulesToSave);
    const config = {
      rank,
      alpha,
      dropout,
      rslora,
      dora,
      targetModules: undefined,
      modulesToSave,
      rankPattern: new Map(),
      alphaPattern: new Map(),
      baseModel,
      notes: [],
    };
    const source = rng ?? new Rng(0);
    return allOrNothing(() => {
      const lora = new LoRA(naming, projections, naming.parametersIn(modulesToSave), config, source);
      for (const part of lora.#parts) part.initialize(source);
      lora.#saved.copyFromBase();
      lora.#begin(model);
      return lora;
    });
  }

  /**
   * Puts an adapter that PEFT or `savePretrained` has saved to work: from the hub, a folder, an address, or files in memory.
   * @throws CheckpointError when it can't be read, is for another model, is more than LoRA or DoRA: then it says what; when one of its `modules_to_save` has a tied matrix
   * @throws TensorError as `attach` does
   */
  static async fromPretrained(
    model: AdaptableModel,
    where: SourceLocation | FileSource,
    options: LoRAPretrainedOptions = {},
  ): Promise<LoRA> {
    checkOptions("LoRA.fromPretrained", options, loRAPretrainedRules);
    const { config, checkpoint, naming, projections, saved } = await openAdapter(model, where, options);
    const lora = allOrNothing(() => new LoRA(naming, projections, saved, config, options.rng ?? new Rng(0)));
    try {
      await fillAdapter(lora.#parts, lora.#saved, naming, checkpoint, options);
      lora.#begin(model);
      return lora;
    } catch (error) {
      lora.#free();
      throw error;
    }
  }

  /** Writes `adapter_config.json` and `adapter_model.safetensors` as PEFT has them. @throws CheckpointError when that fails */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    checkOptions("savePretrained", options, saveRules);
    const targetModules = this.#parts.map(({ projection }) => this.#naming.publicName(projection.name));
    const text = `${JSON.stringify(adapterConfigJson({ ...this.#config, targetModules }), null, 2)}\n`;
    const alongside = new Map([["adapter_config.json", text], ...(options.alongside ?? [])]);
    await saveSafetensors(adapterEntries(this.#parts, this.#saved, this.#naming), where, { ...options, stem: "adapter_model", alongside });
  }

  /** What is to be trained: every A and B, and DoRA's lengths, by their names in files, and the model's parameters in `modulesToSave` by their paths. */
  namedParameters(): Map<string, Parameter> {
    const matrices = this.#parts.flatMap(({ projection, parameters }) =>
      parameters.map(([name, parameter]) => [`${this.#naming.publicName(projection.name)}.${name}`, parameter] as const),
    );
    return new Map([...matrices, ...this.#saved.parameters]);
  }

  /** What `adapter_config.json` said in vain. */
  get notes(): readonly string[] {
    return this.#config.notes;
  }

  /** What its dropout draws from. */
  rngs(): Rng[] {
    return [this.#rng];
  }

  /** What an optimizer gets. */
  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** How many numbers are trained. */
  get numParameters(): number {
    return this.parameters().reduce((sum, { size }) => sum + size, 0);
  }

  /** Whether the model's outputs are the adapted ones. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Whether B·A is in the model's weights now. */
  get merged(): boolean {
    return this.#merged;
  }

  /** Puts it to work (again). @throws TensorError when an adapter that has trained the same of `modulesToSave` is at work: disable that first */
  enable(): void {
    if (this.#enabled) return;
    this.#saved.exchange();
    for (const part of this.#parts) part.projection.layer.adapters.add(part);
    this.#enabled = true;
  }

  /** The model is as if it weren't there; a merged adapter is taken out of the weights first. */
  disable(): void {
    if (!this.#enabled) return;
    this.unmerge();
    for (const part of this.#parts) part.projection.layer.adapters.delete(part);
    this.#saved.exchange();
    this.#enabled = false;
  }

  /**
   * Adds α/r · B·A to the weights: the same outputs at the model's own speed. Enables it, too.
   * @throws TensorError when a weight is kept as int8, or that of an embedding is another layer's, too, which isn't adapted
   */
  merge(): void {
    this.enable();
    if (this.#merged) return;
    this.#checkFloat32();
    this.#checkUntied();
    // One after the other: where memory runs out, each is at work or in the weights.
    for (const part of this.#partsAtWork(true)) {
      part.merge();
      part.projection.layer.adapters.delete(part);
    }
    this.#merged = true;
  }

  /** Takes it out of the weights again, which are then as before but for rounding. @throws TensorError when a weight is kept as int8 */
  unmerge(): void {
    if (!this.#enabled) return;
    const inWeights = this.#partsAtWork(false);
    if (inWeights.length > 0) this.#checkFloat32();
    for (const part of inWeights) {
      part.unmerge();
      part.projection.layer.adapters.add(part);
    }
    this.#merged = false;
  }

  #partsAtWork(are: boolean): readonly LowRank[] {
    return this.#parts.filter((part) => part.projection.layer.adapters.has(part) === are);
  }

  /**
   * Takes the adapter off the model and frees it, for good. A merged one leaves the model adapted, others leave it as it was before. The model stays frozen:
   * `model.setRequiresGrad(true)` undoes that.
   */
  detach(): void {
    if (!this.#merged) this.disable();
    this.#free();
  }

  /** As `detach`. */
  [Symbol.dispose](): void {
    this.detach();
  }

  /** Nothing has happened if it throws. */
  #begin(model: Module): void {
    this.#checkFloat32();
    this.enable();
    const trained = new Set(this.parameters());
    for (const parameter of model.parameters()) if (!trained.has(parameter) && !isAdapters(parameter)) parameter.requiresGrad = false;
  }

  #free(): void {
    for (const part of this.#parts) part.dispose();
    this.#saved.dispose();
  }

  #checkUntied(): void {
    const tied = this.#parts.find(({ projection }) => projection.isTied);
    if (!tied) return;
    const name = this.#naming.publicName(tied.projection.name);
    throw new TensorError(
      `LoRA: the weight of ${name} is another layer's, too, which the adapter isn't for; leave it beside the model, or untie them`,
    );
  }

  #checkFloat32(): void {
    const adapted = this.#parts.map(({ projection }) => [projection.name, projection.layer.weight] as const);
    const [name] = [...adapted, ...this.#saved.parameters].find(([, weight]) => isInt8(weight)) ?? [];
    if (name === undefined) return;
    throw new TensorError(`LoRA: the weight of ${name} is kept as int8, which is for inference only; load the model as float32`);
  }
}
