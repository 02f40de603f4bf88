/**
 * BERT: "Pre-training of Deep Bidirectional Transformers for Language Understanding", Devlin, Chang, Lee & Toutanova 2019.
 * B texts of N tokens, D hidden size.
 */
import { activationOf, type AttentionContext, FeedForward, PostNormBlock, type Rng, SelfAttention, type Tensor } from "@x/layers";
import { Pooler } from "../heads/pooler.ts";
import { TextEmbeddings } from "../text-encoder/embeddings.ts";
import { TextEncoder, type TextFamily, type TextPretrainedOptions } from "../text-encoder/text-encoder.ts";
import { type BertConfig, bertDefaults } from "./config.ts";
import { bertConfigFrom, bertHubConfig } from "./hub-config.ts";
import { bertLayouts } from "./weights.ts";

export type BertPretrainedOptions = TextPretrainedOptions<BertConfig>;

const family: TextFamily<BertConfig> = { layout: bertLayouts[0], configFrom: bertConfigFrom, hubConfig: bertHubConfig };

/** What all BERTs have in common; the models with heads (`BertForMaskedLM`…) are made of it. */
export class BertEncoder extends TextEncoder<BertConfig> {
  static readonly family: TextFamily<BertConfig> = family;
  readonly architecture: string = "BertModel";
  readonly embeddings: TextEmbeddings;
  /** Each token sees all others, before and after it: §3. */
  readonly blocks: PostNormBlock<AttentionContext>[];

  /** The parameters are not filled: use `fromConfig` or `fromPretrained`. */
  constructor(config: Partial<BertConfig>, rng: Rng) {
    super({ ...bertDefaults, ...config }, family);
    this.embeddings = new TextEmbeddings(this.config, rng);
    this.blocks = Array.from({ length: this.config.numHiddenLayers }, () => bertBlock(this.config, rng));
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
