/**
 * BERT: "Pre-training of Deep Bidirectional Transformers for Language Understanding", Devlin, Chang, Lee & Toutanova 2019.
 * B texts of N tokens, D hidden size.
 */
import {
  activationOf,
  type AttentionContext,
  blockScope,
  FeedForward,
  type FileSource,
  fillNormal,
  fillZeros,
  init,
  loadModule,
  Module,
  openPretrained,
  paddingMask,
  PostNormBlock,
  type PretrainedOptions,
  Rng,
  type SaveLocation,
  saveModule,
  type SaveOptions,
  SelfAttention,
  type SourceLocation,
  type Tensor,
  type Trace,
} from "@x/layers";
import { Pooler } from "../heads/pooler.ts";
import { numbered } from "../labels.ts";
import type { TextInput } from "../text-input.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { type BertConfig, bertDefaults } from "./config.ts";
import { BertEmbeddings } from "./embeddings.ts";
import { bertConfigFrom, bertHubConfig } from "./hub-config.ts";
import { bertLayouts } from "./weights.ts";

export interface BertPretrainedOptions extends PretrainedOptions {
  /** Class names of a new classifier with fresh weights, in place of the checkpoint's. For fine-tuning. */
  readonly labels?: readonly string[];
  /** Overrides what the checkpoint's config says: `hiddenDropoutProb`… */
  readonly config?: Partial<BertConfig>;
  /** What dropout and new heads draw from. Default seed 0. */
  readonly rng?: Rng;
}

/** What all BERTs have in common; the models with heads (`BertForMaskedLM`…) are made of it. */
export class BertEncoder extends Module {
  /** Hugging Face's name for the class. */
  readonly architecture: string = "BertModel";
  readonly config: BertConfig;
  /** The checkpoint's, for tasks; undefined when none lay beside it. */
  tokenizer: Tokenizer | undefined;
  readonly embeddings: BertEmbeddings;
  readonly blocks: PostNormBlock<AttentionContext>[];

  /** The parameters are not filled: use `fromConfig` or `fromPretrained`. */
  constructor(config: Partial<BertConfig>, rng: Rng) {
    super();
    const c = (this.config = { ...bertDefaults, ...config });
    this.embeddings = new BertEmbeddings(c, rng);
    this.blocks = Array.from({ length: c.numHiddenLayers }, () => bertBlock(c, rng));
  }

  /** text (B, N) → tokens (B, N, D): each has seen all others, before and after it, padding excepted. §3. */
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

  /** N(0, `initializerRange`²) for matrices, zero biases and zeros for the padding token; norms 1 and 0. The authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillNormal(parameter, rng, this.config.initializerRange);
    const { padTokenId, hiddenSize } = this.config;
    this.embeddings.wordEmbeddings.weight.data.fill(0, padTokenId * hiddenSize, (padTokenId + 1) * hiddenSize);
    return this;
  }

  /**
   * A model from the hub (`"google-bert/bert-base-uncased"`), a folder, an address, or files in memory; in evaluation mode. Heads that this class doesn't have
   * are passed over; `BertForMaskedLM.fromPretrained`, and so on, are inherited from here.
   * @throws CheckpointError when it can't be read, isn't a BERT, or lacks this class's head
   */
  static async fromPretrained<M extends BertEncoder>(
    this: new (config: Partial<BertConfig>, rng: Rng) => M,
    where: SourceLocation | FileSource,
    options: BertPretrainedOptions = {},
  ): Promise<M> {
    await init();
    const files = await openPretrained(where, options);
    const { labels, rng = new Rng(0) } = options;
    const newLabels = labels ? { id2label: numbered(labels) } : {};
    const model = new this({ ...bertConfigFrom(files.config, files.checkpoint), ...options.config, ...newLabels }, rng);
    if (labels) initializeClassifier(model, rng);
    await loadModule(model, files.checkpoint, bertLayouts, {
      ...options,
      ignore: [...(options.ignore ?? []), ...(labels ? ["classifier.*"] : [])],
    });
    model.tokenizer = await Tokenizer.findIn(files.source);
    return model;
  }

  /** Writes `config.json`, `model.safetensors` and the tokenizer's files as Hugging Face's library has them. @throws CheckpointError when that fails */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const config = `${JSON.stringify(bertHubConfig(this.config, this.architecture), null, 2)}\n`;
    await saveModule(this, bertLayouts[0], where, {
      ...options,
      alongside: new Map([["config.json", config], ...(this.tokenizer?.files ?? []), ...(options.alongside ?? [])]),
    });
  }

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig<M extends BertEncoder>(
    this: new (config: Partial<BertConfig>, rng: Rng) => M,
    config: Partial<BertConfig> = {},
    { rng = new Rng(0) }: { readonly rng?: Rng } = {},
  ): Promise<M> {
    await init();
    return new this(config, rng).initialize(rng);
  }
}

/** The encoder with its pooler: `BertModel`. */
export class Bert extends BertEncoder {
  readonly pooler: Pooler;

  constructor(config: Partial<BertConfig>, rng: Rng) {
    super(config, rng);
    this.pooler = new Pooler(this.config.hiddenSize);
  }

  /** tokens (B, N, D) → the whole texts (B, D). */
  pool(tokens: Tensor): Tensor {
    return this.pooler.forward(tokens);
  }
}

/** self-attention → + → LN, MLP → + → LN. §3, "Model Architecture". */
function bertBlock(config: BertConfig, rng: Rng): PostNormBlock<AttentionContext> {
  const { hiddenSize, numAttentionHeads: numHeads, intermediateSize, layerNormEps, hiddenDropoutProb: dropout } = config;
  return new PostNormBlock({
    hiddenSize,
    layerNormEps,
    mixer: new SelfAttention({ hiddenSize, numHeads, attentionDropout: config.attentionProbsDropoutProb, dropout, rng }),
    mlp: new FeedForward({ hiddenSize, intermediateSize, activation: activationOf(config.hiddenAct), dropout, rng }),
  });
}

/** A new head is drawn like the rest, so that fine-tuning can start. */
function initializeClassifier(model: BertEncoder, rng: Rng): void {
  for (const [path, parameter] of model.namedParameters()) {
    if (path === "classifier.weight") fillNormal(parameter, rng, model.config.initializerRange);
    if (path === "classifier.bias") fillZeros(parameter);
  }
}
