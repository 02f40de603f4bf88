/**
 * FNet: "FNet: Mixing Tokens with Fourier Transforms", Lee-Thorp, Ainslie, Eckstein & Ontañón 2022, and its hybrids with some attention.
 * B texts of N tokens, D hidden size.
 */
import {
  activationOf,
  type AttentionContext,
  blockScope,
  FeedForward,
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
  type TokenMixer,
  type Trace,
} from "@x/layers";
import { Pooler } from "../heads/pooler.ts";
import { numbered } from "../labels.ts";
import type { TextInput } from "../text-input.ts";
import { attentionLayers } from "./attention-layers.ts";
import { type FNetConfig, fNetDefaults } from "./config.ts";
import { FNetEmbeddings } from "./embeddings.ts";
import { FourierMixing } from "./fourier-mixing.ts";
import { fNetConfigFrom, fNetHubConfig } from "./hub-config.ts";
import { LinearMixing } from "./linear-mixing.ts";
import { fNetLayouts } from "./weights.ts";

export interface FNetPretrainedOptions extends PretrainedOptions {
  /** Class names of a new classifier with fresh weights, in place of the checkpoint's. For fine-tuning. */
  readonly labels?: readonly string[];
  /** Overrides what the checkpoint's config says: `hiddenDropoutProb`… */
  readonly config?: Partial<FNetConfig>;
  /** What dropout and new heads draw from. Default seed 0. */
  readonly rng?: Rng;
}

/** The encoder with its pooler; the models with heads (`FNetForPreTraining`…) are made of it. */
export class FNet extends Module {
  /** Hugging Face's name for the class. */
  readonly architecture: string = "FNetModel";
  readonly config: FNetConfig;
  readonly embeddings: FNetEmbeddings;
  readonly blocks: PostNormBlock<AttentionContext>[];
  readonly pooler: Pooler;

  /** The parameters are not filled: use `fromConfig` or `fromPretrained`. */
  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super();
    const c = (this.config = { ...fNetDefaults, ...config });
    this.embeddings = new FNetEmbeddings(c, rng);
    this.blocks = attentionLayers(c).map((attends) => fNetBlock(c, attends, rng));
    this.pooler = new Pooler(c.hiddenSize);
  }

  /**
   * text (B, N) → tokens (B, N, D). The attention mask counts in a hybrid's attention only: the Fourier transform mixes padding in, so the same text
   * padded to another length has other tokens.
   */
  encode({ inputIds, tokenTypeIds, attentionMask }: TextInput, { trace }: { readonly trace?: Trace } = {}): Tensor {
    return blockScope(() => {
      const mask = attentionMask && this.config.numAttentionLayers > 0 ? paddingMask(attentionMask) : undefined; // (B, 1, N)
      let x = this.embeddings.forward(inputIds, tokenTypeIds); //                                             (B, N, D)
      trace?.addHiddenState(x);
      for (const block of this.blocks) {
        x = block.forward(x, { ...(mask && { mask }), ...(trace && { trace }) });
        trace?.addHiddenState(x);
      }
      return x;
    });
  }

  /** tokens (B, N, D) → the whole texts (B, D). */
  pool(tokens: Tensor): Tensor {
    return this.pooler.forward(tokens);
  }

  /** N(0, `initializerRange`²) for matrices, zero biases and zeros for the padding token; norms 1 and 0. §4.1: as BERT. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillNormal(parameter, rng, this.config.initializerRange);
    const { padTokenId, hiddenSize } = this.config;
    this.embeddings.wordEmbeddings.weight.data.fill(0, padTokenId * hiddenSize, (padTokenId + 1) * hiddenSize);
    return this;
  }

  /**
   * A model from the hub (`"google/fnet-base"`), a folder, an address, or files in memory; in evaluation mode. Heads that this class doesn't have are
   * passed over; `FNetForMaskedLM.fromPretrained`, and so on, are inherited from here.
   * @throws CheckpointError when it can't be read, isn't an FNet, or lacks this class's head
   */
  static async fromPretrained<M extends FNet>(
    this: new (config: Partial<FNetConfig>, rng: Rng) => M,
    where: SourceLocation,
    options: FNetPretrainedOptions = {},
  ): Promise<M> {
    await init();
    const files = await openPretrained(where, options);
    const { labels, rng = new Rng(0) } = options;
    const newLabels = labels ? { id2label: numbered(labels) } : {};
    const model = new this({ ...fNetConfigFrom(files.config, files.checkpoint), ...options.config, ...newLabels }, rng);
    if (labels) initializeClassifier(model, rng);
    await loadModule(model, files.checkpoint, fNetLayouts, {
      ...options,
      ignore: [...(options.ignore ?? []), ...(labels ? ["classifier.*"] : [])],
    });
    return model;
  }

  /** Writes `config.json` and `model.safetensors` as Hugging Face's library has them. @throws CheckpointError when that fails */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const config = `${JSON.stringify(fNetHubConfig(this.config, this.architecture), null, 2)}\n`;
    await saveModule(this, fNetLayouts[0], where, {
      ...options,
      alongside: new Map([["config.json", config], ...(options.alongside ?? [])]),
    });
  }

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig<M extends FNet>(
    this: new (config: Partial<FNetConfig>, rng: Rng) => M,
    config: Partial<FNetConfig> = {},
    { rng = new Rng(0) }: { readonly rng?: Rng } = {},
  ): Promise<M> {
    await init();
    return new this(config, rng).initialize(rng);
  }
}

/** mixing → + → LN, MLP → + → LN: a Transformer encoder's block, in which only the mixer differs. §3.2, figure 1. */
export function fNetBlock(config: FNetConfig, attends: boolean, rng: Rng): PostNormBlock<AttentionContext> {
  const { hiddenSize, intermediateSize, layerNormEps, hiddenDropoutProb: dropout, maxPositionEmbeddings } = config;
  const numHeads = config.numAttentionHeads;
  const mixer: TokenMixer<AttentionContext> = attends
    ? new SelfAttention({ hiddenSize, numHeads, attentionDropout: config.attentionProbsDropoutProb, dropout, rng })
    : config.mixer === "linear"
      ? new LinearMixing(maxPositionEmbeddings, hiddenSize)
      : new FourierMixing();
  const mlp = new FeedForward({ hiddenSize, intermediateSize, activation: activationOf(config.hiddenAct), dropout, rng });
  return new PostNormBlock({ hiddenSize, layerNormEps, mixer, mlp });
}

/** A new head is drawn like the rest, so that fine-tuning can start. */
function initializeClassifier(model: FNet, rng: Rng): void {
  for (const [path, parameter] of model.namedParameters()) {
    if (path === "classifier.weight") fillNormal(parameter, rng, model.config.initializerRange);
    if (path === "classifier.bias") fillZeros(parameter);
  }
}
