/**
 * FNet: "FNet: Mixing Tokens with Fourier Transforms", Lee-Thorp, Ainslie, Eckstein & Ontañón 2022, and its hybrids with some attention.
 * B texts of N tokens, D hidden size.
 */
import {
  activationOf,
  type AttentionContext,
  FeedForward,
  Linear,
  PostNormBlock,
  type Rng,
  SelfAttention,
  type Tensor,
  type TokenMixer,
} from "@x/layers";
import { Pooler } from "../heads/pooler.ts";
import { TextEmbeddings } from "../text-encoder/embeddings.ts";
import { TextEncoder, type TextFamily, type TextPretrainedOptions } from "../text-encoder/text-encoder.ts";
import { attentionLayers } from "./attention-layers.ts";
import { type FNetConfig, fNetDefaults } from "./config.ts";
import { FourierMixing } from "./fourier-mixing.ts";
import { fNetConfigFrom, fNetHubConfig } from "./hub-config.ts";
import { LinearMixing } from "./linear-mixing.ts";
import { fNetLayouts } from "./weights.ts";

export type FNetPretrainedOptions = TextPretrainedOptions<FNetConfig>;

const family: TextFamily<FNetConfig> = { layout: fNetLayouts[0], configFrom: fNetConfigFrom, hubConfig: fNetHubConfig };

/**
 * The encoder with its pooler; the models with heads (`FNetForPreTraining`…) are made of it. The attention mask counts in a hybrid's attention only: the
 * Fourier transform mixes padding in, so the same text padded to another length has other tokens.
 */
export class FNet extends TextEncoder<FNetConfig> {
  static readonly family: TextFamily<FNetConfig> = family;
  readonly architecture: string = "FNetModel";
  /** Tasks put only texts of one length together. */
  readonly padsMatter = true;
  readonly embeddings: TextEmbeddings;
  readonly blocks: PostNormBlock<AttentionContext>[];
  readonly pooler: Pooler;

  /** The parameters are not filled: use `fromConfig` or `fromPretrained`. */
  constructor(config: Partial<FNetConfig>, rng: Rng) {
    super({ ...fNetDefaults, ...config }, family);
    const { hiddenSize } = this.config;
    this.embeddings = new TextEmbeddings(this.config, rng, new Linear(hiddenSize, hiddenSize));
    this.blocks = attentionLayers(this.config).map((attends) => fNetBlock(this.config, attends, rng));
    this.pooler = new Pooler(hiddenSize);
  }

  /** tokens (B, N, D) → the whole texts (B, D). */
  pool(tokens: Tensor): Tensor {
    return this.pooler.forward(tokens);
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
