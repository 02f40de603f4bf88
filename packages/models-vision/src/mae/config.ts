import { type EncoderConfig, encoderDefaults } from "../vit/encoder-config.ts";

/** A masked autoencoder's shape: its encoder is a ViT's. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface MAEConfig extends EncoderConfig {
  readonly decoderHiddenSize: number;
  readonly decoderNumHiddenLayers: number;
  readonly decoderNumAttentionHeads: number;
  readonly decoderIntermediateSize: number;
  /** Share of the patches that the encoder doesn't see. */
  readonly maskRatio: number;
  /** Whether each target patch is normalised by its own mean and deviation. */
  readonly normPixLoss: boolean;
}

/** MAE with a ViT-B/16 encoder: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const maeDefaults: MAEConfig = {
  ...encoderDefaults,
  decoderHiddenSize: 512,
  decoderNumHiddenLayers: 8,
  decoderNumAttentionHeads: 16,
  decoderIntermediateSize: 2048,
  maskRatio: 0.75,
  normPixLoss: false,
};
