import { completed } from "@x/layers/model";
import type { SinusoidOrder } from "./sinusoidal-positions.ts";

/**
 * An encoder-decoder Transformer's shape. Fields have the names of Hugging Face's encoder-decoder configs (Marian's, BART's) in camelCase; torch.nn.Transformer's
 * are read, too.
 */
export interface TransformerConfig {
  /** Size of the vocabulary, the encoder's if the decoder has its own; 0 for a Transformer of vectors, without embeddings, as torch.nn.Transformer is. */
  readonly vocabSize: number;
  /** Size of the decoder's vocabulary; the same as `vocabSize` if they are shared. */
  readonly decoderVocabSize: number;
  /** Width D of a token, in and out of every layer. */
  readonly dModel: number;
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  readonly encoderAttentionHeads: number;
  readonly decoderAttentionHeads: number;
  /** Width of the feed-forward networks inside. */
  readonly encoderFfnDim: number;
  readonly decoderFfnDim: number;
  readonly activationFunction: string;
  /** On every sublayer's output and on the sum of embeddings and positions, §5.4. */
  readonly dropout: number;
  /** On the attention probabilities. */
  readonly attentionDropout: number;
  readonly layerNormEps: number;
  /** Whether the norms stand before the sublayers (and, with `addFinalLayerNorm`, after the stacks) instead of after the additions. */
  readonly normalizeBefore: boolean;
  /** Whether each stack ends in one more norm. */
  readonly addFinalLayerNorm: boolean;
  /** Whether embeddings are multiplied by √D, §3.4. */
  readonly scaleEmbedding: boolean;
  /** Whether encoder and decoder have one table of embeddings, §3.4. */
  readonly shareEncoderDecoderEmbeddings: boolean;
  /** Whether the logits are products with the decoder's embeddings, §3.4, instead of a linear layer of their own. */
  readonly tieWordEmbeddings: boolean;
  /** What shorter texts are filled up with. */
  readonly padTokenId: number;
  /** What every output ends with. */
  readonly eosTokenId: number;
  /** What the decoder is given before its first token. */
  readonly decoderStartTokenId: number;
  /** Most tokens that are generated where nothing else is said. Positions are computed, so there is no hard limit. */
  readonly maxPositionEmbeddings: number;
}

/** The paper's base model, table 3; 37 000 tokens are its English–German vocabulary's, §5.1. Special tokens come first. */
export const transformerDefaults: TransformerConfig = {
  vocabSize: 37000,
  decoderVocabSize: 37000,
  dModel: 512,
  encoderLayers: 6,
  decoderLayers: 6,
  encoderAttentionHeads: 8,
  decoderAttentionHeads: 8,
  encoderFfnDim: 2048,
  decoderFfnDim: 2048,
  activationFunction: "relu",
  dropout: 0.1,
  attentionDropout: 0,
  layerNormEps: 1e-5,
  normalizeBefore: false,
  addFinalLayerNorm: false,
  scaleEmbedding: true,
  shareEncoderDecoderEmbeddings: true,
  tieWordEmbeddings: true,
  padTokenId: 0,
  eosTokenId: 2,
  decoderStartTokenId: 1,
  maxPositionEmbeddings: 512,
};

/** In what the Transformer's relatives differ from it beside their config. */
export interface TransformerVariant {
  /** Default "interleaved", the paper's. */
  readonly positions?: SinusoidOrder | undefined;
  /** The token whose embedding is not trained by being read. Default none. */
  readonly paddingId?: number | undefined;
  /** With the relative's own settings. Default `transformerDefaults`. */
  readonly defaults?: TransformerConfig | undefined;
}

/** Fills in what is left out; a shared vocabulary has one size. */
export function completeConfig<Config extends TransformerConfig>(defaults: Config, given: Partial<Config>): Config {
  const config = completed("Transformer", defaults, given);
  const decoderVocabSize = config.shareEncoderDecoderEmbeddings ? config.vocabSize : (given.decoderVocabSize ?? config.vocabSize);
  return { ...config, decoderVocabSize };
}
