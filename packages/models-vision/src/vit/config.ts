import { ArgumentError } from "@x/layers";
import { type Choices, completed, type ProblemType } from "@x/layers/model";
import { encoderChoices, type EncoderConfig, encoderDefaults } from "./encoder-config.ts";

/**
 * A Vision Transformer's shape, and that of its relatives: DeiT and DeiT III, DINO, MSN, DINOv2, the image towers of CLIP and SigLIP as timm has them. Fields
 * are Hugging Face's `config.json` keys in camelCase; those below the line are our own.
 */
export interface ViTConfig extends EncoderConfig {
  /** Class names by number. */
  readonly id2label: Readonly<Record<number, string>>;
  /** What the outputs are: one of the classes, any of them, or a quantity; null: one of them, or yes and no if there is one output. */
  readonly problemType: ProblemType | null;
  /** What LayerScale on the blocks' branches starts from; 0 for none. Touvron et al. 2021. */
  readonly layerscaleValue: number;
  /** Whether the MLPs are gated (SwiGLU), as in DINOv2's giant. `intermediateSize` is their inner width behind the gate. */
  readonly useSwigluFfn: boolean;
  /** Tokens without a meaning of their own, for the model to compute in. Darcet et al. 2024, "Vision Transformers Need Registers". */
  readonly numRegisterTokens: number;

  /** Outputs of the head; 0 for a model without one. */
  readonly numLabels: number;
  /**
   * What the head sees: the class token; the mean of the patch tokens; both side by side (DINOv2's heads; a model without a head pools to the class token
   * alone); or what a learned query finds in the patch tokens (SigLIP).
   */
  readonly pooling: "cls" | "mean" | "clsMean" | "latent";
  /** What the last norm is for: all tokens, before pooling; what is pooled; or there is none. Default "pooled" for mean pooling, else "tokens", as timm has it. */
  readonly finalNorm: "tokens" | "pooled" | "none";
  /** Whether there is a class token. */
  readonly classToken: boolean;
  /** Which tokens have positions: all; the class token and the patches, but no registers; the patches only; or none. */
  readonly positions: "all" | "class" | "patches" | "none";
  /** Whether there is a norm before the first block, and none of the patches has a bias, as in CLIP. */
  readonly preNorm: boolean;
  /** Whether blocks norm what their branches give, not what they take: Liu et al. 2022, §3.2. */
  readonly branchNorm: boolean;
  /** DeiT's distillation token. */
  readonly distilled: boolean;
  /** Whether that has a head of its own, which counts as much as the class token's; fine-tuned models often have not. */
  readonly distillationHead: boolean;
  /** Stochastic depth of the last block; earlier ones rise to it linearly. */
  readonly dropPathRate: number;
}

/** ViT-B/16 on ImageNet-1k: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const viTDefaults: ViTConfig = {
  ...encoderDefaults,
  id2label: {},
  problemType: null,
  layerscaleValue: 0,
  useSwigluFfn: false,
  numRegisterTokens: 0,
  numLabels: 1000,
  pooling: "cls",
  finalNorm: "tokens",
  classToken: true,
  positions: "all",
  preNorm: false,
  branchNorm: false,
  distilled: false,
  distillationHead: true,
  dropPathRate: 0,
};

export const viTChoices: Choices<ViTConfig> = {
  ...encoderChoices,
  pooling: ["cls", "mean", "clsMean", "latent"],
  finalNorm: ["tokens", "pooled", "none"],
  positions: ["all", "class", "patches", "none"],
};

/** Fills in the defaults. @throws ArgumentError when a setting makes no sense */
export function viTConfig(given: Partial<ViTConfig>): ViTConfig {
  // Only timm pools otherwise than by the class token: its norms have this epsilon.
  const timms: Partial<ViTConfig> = given.pooling === "mean" || given.pooling === "latent" ? { layerNormEps: 1e-6 } : {};
  const defaults: ViTConfig = { ...viTDefaults, ...timms, finalNorm: given.pooling === "mean" ? "pooled" : "tokens" };
  const config = completed("ViT", defaults, given, viTChoices);
  if (!config.classToken && (config.pooling === "cls" || config.pooling === "clsMean"))
    throw new ArgumentError("ViT", 'pooling must be "mean" or "latent" where there is no class token', `is "${config.pooling}"`);
  return config;
}
