import { type Choices, completed, type PixelSize, type ProblemType } from "@x/layers/model";

/** A Swin Transformer's shape. Fields are Hugging Face's `config.json` keys in camelCase; those below the line are our own. */
export interface SwinConfig {
  /** Of the input in pixels: a number for both sides, or height and width; other sizes work, with windows padded where they don't fit. */
  readonly imageSize: PixelSize;
  /** Side of a patch in pixels. */
  readonly patchSize: number;
  readonly numChannels: number;
  /** Width C of the first stage; each later one has twice the width of the one before. */
  readonly embedDim: number;
  /** Blocks in each stage. */
  readonly depths: readonly number[];
  /** Heads in each stage. */
  readonly numHeads: readonly number[];
  /** Side M of a window in patches: one for all stages, or one for each. */
  readonly windowSize: number | readonly number[];
  /** Inner width of the MLP, as a multiple of the stage's width. */
  readonly mlpRatio: number;
  readonly qkvBias: boolean;
  readonly hiddenDropoutProb: number;
  readonly attentionProbsDropoutProb: number;
  /** Stochastic depth of the last block; earlier ones rise to it linearly. On both branches, as in the paper; Hugging Face drops attention only. */
  readonly dropPathRate: number;
  readonly hiddenAct: string;
  /** Whether learned positions are added to the patches. */
  readonly useAbsoluteEmbeddings: boolean;
  readonly initializerRange: number;
  /** Of the blocks' norms and the last one; the norms after patches and merging always have 1e-5, as Hugging Face has it. */
  readonly layerNormEps: number;
  /** Class names by number. */
  readonly id2label: Readonly<Record<number, string>>;
  /** What the outputs are: one of the classes, any of them, or a quantity; null: one of them, or yes and no if there is one output. */
  readonly problemType: ProblemType | null;

  /** Outputs of the head; 0 for a model without one. */
  readonly numLabels: number;
  /** Whose way of cutting maps that windows don't fit; see `windowGrid`. */
  readonly windowing: Windowing;
}

/** Hugging Face pads a map, then shifts it, unless one of its sides fits in a window; timm shifts each axis that doesn't fit, then pads. */
export type Windowing = "huggingFace" | "timm";

/** Swin-T on ImageNet-1k: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const swinDefaults: SwinConfig = {
  imageSize: 224,
  patchSize: 4,
  numChannels: 3,
  embedDim: 96,
  depths: [2, 2, 6, 2],
  numHeads: [3, 6, 12, 24],
  windowSize: 7,
  mlpRatio: 4,
  qkvBias: true,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  dropPathRate: 0.1,
  hiddenAct: "gelu",
  useAbsoluteEmbeddings: false,
  initializerRange: 0.02,
  layerNormEps: 1e-5,
  id2label: {},
  problemType: null,
  numLabels: 1000,
  windowing: "huggingFace",
};

export const swinChoices: Choices<SwinConfig> = { imageSize: "sides", windowing: ["huggingFace", "timm"] };

/** What is usual where windows are as given: one size, or one for each stage. */
export const swinDefaultsFor = (windowSize: unknown): SwinConfig =>
  Array.isArray(windowSize) ? { ...swinDefaults, windowSize: swinDefaults.depths.map(() => 7) } : swinDefaults;

/** Fills in the defaults. @throws ArgumentError when a setting makes no sense */
export const swinConfig = (given: Partial<SwinConfig>): SwinConfig =>
  completed("Swin", swinDefaultsFor(given.windowSize), given, swinChoices);
