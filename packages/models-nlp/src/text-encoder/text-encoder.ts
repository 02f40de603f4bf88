import {
  type AttentionContext,
  blockScope,
  type Checkpoint,
  type FileSource,
  fillNormal,
  fillZeros,
  init,
  type JsonObject,
  type Labels,
  loadModule,
  Module,
  numbered,
  openPretrained,
  paddingMask,
  type PostNormBlock,
  type PretrainedOptions,
  Rng,
  type SaveLocation,
  saveModule,
  type SaveOptions,
  type SourceLocation,
  type Tensor,
  type Trace,
  type WeightLayout,
} from "@x/layers";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { TextEmbeddings } from "./embeddings.ts";
import type { TextInput } from "./text-input.ts";

/** What all text encoders have in their config. */
export interface TextEncoderConfig {
  readonly hiddenSize: number;
  readonly hiddenAct: string;
  readonly hiddenDropoutProb: number;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  readonly padTokenId: number;
  /** Class names by number. */
  readonly id2label: Labels;
}

/** How a family's models lie on the hub. */
export interface TextFamily<Config> {
  readonly layout: WeightLayout;
  /** @throws CheckpointError when Hugging Face's `config.json` is another family's */
  readonly configFrom: (json: JsonObject, checkpoint: Checkpoint) => Config;
  /** The `config.json` that Hugging Face's library reads back. @param architecture its name for the model: `BertForMaskedLM` */
  readonly hubConfig: (config: Config, architecture: string) => JsonObject;
}

export interface TextPretrainedOptions<Config> extends PretrainedOptions {
  /** Class names of a new classifier with fresh weights, in place of the checkpoint's. For fine-tuning. */
  readonly labels?: readonly string[];
  /** Overrides what the checkpoint's config says: `hiddenDropoutProb`… */
  readonly config?: Partial<Config>;
  /** What dropout and new heads draw from. Default seed 0. */
  readonly rng?: Rng;
}

/** A class of models, such as `BertForMaskedLM`. */
interface TextModelClass<Config, Model> {
  new (config: Partial<Config>, rng: Rng): Model;
  readonly family: TextFamily<Config>;
}

/** What BERT and FNet have in common: embeddings, post-norm blocks, and how they are loaded and saved. B texts of N tokens, D hidden size. */
export abstract class TextEncoder<Config extends TextEncoderConfig> extends Module {
  /** Hugging Face's name for the class. */
  abstract readonly architecture: string;
  readonly config: Config;
  /** The checkpoint's, for tasks; undefined when none lay beside it. */
  tokenizer: Tokenizer | undefined;
  abstract readonly embeddings: TextEmbeddings;
  abstract readonly blocks: readonly PostNormBlock<AttentionContext>[];
  readonly #family: TextFamily<Config>;

  constructor(config: Config, family: TextFamily<Config>) {
    super();
    this.config = config;
    this.#family = family;
  }

  /** How adapters name its weights: see `LoRA`. */
  get layouts(): readonly WeightLayout[] {
    return [this.#family.layout];
  }

  /** text (B, N) → tokens (B, N, D). Where there is attention, padding isn't seen by it. */
  encode({ inputIds, tokenTypeIds, attentionMask }: TextInput, { trace }: { readonly trace?: Trace } = {}): Tensor {
    return blockScope(() => {
      const mask = attentionMask && paddingMask(attentionMask); //          (B, 1, N)
      let x = this.embeddings.forward(inputIds, tokenTypeIds); //           (B, N, D)
      trace?.addHiddenState(x);
      for (const block of this.blocks) {
        x = block.forward(x, { ...(mask && { mask }), ...(trace && { trace }) });
        trace?.addHiddenState(x);
      }
      return x;
    });
  }

  /** N(0, `initializerRange`²) for matrices, zero biases and zeros for the padding token; norms 1 and 0: BERT's authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillNormal(parameter, rng, this.config.initializerRange);
    const { padTokenId, hiddenSize } = this.config;
    this.embeddings.wordEmbeddings.weight.data.fill(0, padTokenId * hiddenSize, (padTokenId + 1) * hiddenSize);
    return this;
  }

  /**
   * A model from the hub (`"google-bert/bert-base-uncased"`, `"google/fnet-base"`), a folder, an address, or files in memory, with its tokenizer if there is
   * one; in evaluation mode. Heads that this class doesn't have are passed over.
   * @throws CheckpointError when it can't be read, is another family's, or lacks this class's head
   */
  static async fromPretrained<Config extends TextEncoderConfig, Model extends TextEncoder<Config>>(
    this: TextModelClass<Config, Model>,
    where: SourceLocation | FileSource,
    options: TextPretrainedOptions<Config> = {},
  ): Promise<Model> {
    await init();
    const files = await openPretrained(where, options);
    const { labels, rng = new Rng(0) } = options;
    const newLabels = labels ? { id2label: numbered(labels) } : {};
    const model = new this({ ...this.family.configFrom(files.config, files.checkpoint), ...options.config, ...newLabels }, rng);
    if (labels) initializeClassifier(model, model.config.initializerRange, rng);
    const ignore = [...(options.ignore ?? []), ...(labels ? ["classifier.*"] : [])];
    await loadModule(model, files.checkpoint, [this.family.layout], { ...options, ignore });
    model.tokenizer = await Tokenizer.findIn(files.source);
    return model;
  }

  /** Writes `config.json`, `model.safetensors` and the tokenizer's files as Hugging Face's library has them. @throws CheckpointError when that fails */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const config = `${JSON.stringify(this.#family.hubConfig(this.config, this.architecture), null, 2)}\n`;
    const alongside = new Map([["config.json", config], ...(this.tokenizer?.files ?? []), ...(options.alongside ?? [])]);
    await saveModule(this, this.#family.layout, where, { ...options, alongside });
  }

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig<Config extends TextEncoderConfig, Model extends TextEncoder<Config>>(
    this: TextModelClass<Config, Model>,
    config: Partial<Config> = {},
    { rng = new Rng(0) }: { readonly rng?: Rng } = {},
  ): Promise<Model> {
    await init();
    return new this(config, rng).initialize(rng);
  }
}

/** A new head is drawn like the rest, so that fine-tuning can start. */
function initializeClassifier(model: Module, initializerRange: number, rng: Rng): void {
  for (const [path, parameter] of model.namedParameters()) {
    if (path === "classifier.weight") fillNormal(parameter, rng, initializerRange);
    if (path === "classifier.bias") fillZeros(parameter);
  }
}
