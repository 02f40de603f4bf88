import { type EncoderConfig, encoderDefaults } from "./encoder-config.ts";

/** A Vision Transformer's shape. Fields are Hugging Face's `config.json` keys in camelCase; those below the line are our own. */
export interface ViTConfig extends EncoderConfig {
  /** Class names by number. */
  readonly id2label: Readonly<Record<number, string>>;

  /** Outputs of the head; 0 for a model without one. */
  readonly numLabels: number;
  /** What the head sees: the class token, or the mean of the patch tokens. */
  readonly pooling: "cls" | "mean";
  /** DeiT's distillation token with a head of its own. */
  readonly distilled: boolean;
  /** Stochastic depth of the last block; earlier ones rise to it linearly. */
  readonly dropPathRate: number;
}

/** ViT-B/16 on ImageNet-1k: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const viTDefaults: ViTConfig = {
  ...encoderDefaults,
  id2label: {},
  numLabels: 1000,
  pooling: "cls",
  distilled: false,
  dropPathRate: 0,
};
