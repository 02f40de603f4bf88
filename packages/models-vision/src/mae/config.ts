import type { Choices } from "@x/layers/model";
import { encoderChoices, type EncoderConfig, encoderDefaults } from "../vit/encoder-config.ts";

/** A masked autoencoder's shape: its encoder is a ViT's. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface MAEConfig extends Omit<EncoderConfig, "imageSize"> {
  /** Side of the square input in pixels; other sizes work by interpolating the positions. */
  readonly imageSize: number;
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
  imageSize: 224,
  decoderHiddenSize: 512,
  decoderNumHiddenLayers: 8,
  decoderNumAttentionHeads: 16,
  decoderIntermediateSize: 2048,
  maskRatio: 0.75,
  normPixLoss: false,
};

export const maeChoices: Choices<MAEConfig> = { positionInterpolation: encoderChoices.positionInterpolation };
