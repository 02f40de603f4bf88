import { type Choices, completed, type TransformerBlockConfig } from "@x/layers/model";

/** At [EOS], the first token of that id; at the first of the text's greatest id; the first token; the last, padding or not. */
export const textPoolings = ["eos", "greatest", "first", "last"] as const;
export type TextPooling = (typeof textPoolings)[number];

/** What stands for an image: its class token, normed; or of its patches the normed mean, or the mean of the normed. */
export const visionPoolings = ["token", "mean", "meanOfNormed"] as const;
export type VisionPooling = (typeof visionPoolings)[number];

/** A CLIP's shape. Fields are Hugging Face's `config.json` keys in camelCase, nested as there. */
export interface CLIPConfig {
  readonly textConfig: CLIPTextConfig | CLIPBagOfWordsConfig;
  readonly visionConfig: CLIPVisionConfig | CLIPResNetConfig;
  /** Length of the embeddings that images and texts share. */
  readonly projectionDim: number;
  /** What the logit scale starts from, as its logarithm: ln(1 / 0.07). */
  readonly logitScaleInitValue: number;
}

/** What both Transformers have. */
export interface CLIPTransformerConfig extends Omit<TransformerBlockConfig, "qkvBias" | "hiddenDropoutProb" | "attentionProbsDropoutProb"> {
  readonly numHiddenLayers: number;
  readonly attentionDropout: number;
}

/** The text Transformer. */
export interface CLIPTextConfig extends CLIPTransformerConfig {
  readonly modelType: "clip_text_model";
  readonly vocabSize: number;
  /** Most tokens of a text, special ones included. */
  readonly maxPositionEmbeddings: number;
  /**
   * Which token's feature stands for the text: the first one of this id. 2, which the first published configs say wrongly, means the token with the
   * greatest id: where [EOS] is the vocabulary's last, the same.
   */
  readonly eosTokenId: number;
  /** Which token's feature it is instead, as open_clip's `pool_type` says. Default: as `eosTokenId` says. */
  readonly pooling?: TextPooling | undefined;
  /** Whether a token sees only those before it. Where not, and where the last token's feature counts, all texts are padded to their most tokens, and padding is seen. */
  readonly causal: boolean;
  /** What such texts are padded with. Default what the tokenizer pads with, or 0. */
  readonly paddingId?: number | undefined;
}

/** The bag of words that the paper's pseudocode (figure 3) names as the other text encoder. Not in Hugging Face's library. */
export interface CLIPBagOfWordsConfig {
  readonly modelType: "clip_bag_of_words";
  readonly vocabSize: number;
  readonly hiddenSize: number;
}

/** The Vision Transformer as image encoder. */
export interface CLIPVisionConfig extends CLIPTransformerConfig {
  readonly modelType: "clip_vision_model";
  /** Side of the square input in pixels; other sizes work by interpolating the positions. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly numChannels: number;
  /** What stands for an image: its class token, normed; or of its patches the normed mean, or the mean of the normed. */
  readonly pooling: VisionPooling;
  /** Whether tokens are normed before the first block. */
  readonly normPre: boolean;
}

/** The modified ResNet as image encoder. Not in Hugging Face's library. */
export interface CLIPResNetConfig {
  readonly modelType: "clip_resnet";
  readonly imageSize: number;
  readonly numChannels: number;
  /** Channels after the stem; each stage has twice those of the one before, and its blocks give out four times as many. */
  readonly width: number;
  /** Blocks of each of the four stages. */
  readonly layers: readonly number[];
}

/** What Hugging Face fills in for keys that a `config.json` leaves out; together CLIP ViT-B/32. */
export const clipTextDefaults: CLIPTextConfig = {
  modelType: "clip_text_model",
  vocabSize: 49408,
  hiddenSize: 512,
  intermediateSize: 2048,
  numHiddenLayers: 12,
  numAttentionHeads: 8,
  maxPositionEmbeddings: 77,
  hiddenAct: "quick_gelu",
  layerNormEps: 1e-5,
  attentionDropout: 0,
  eosTokenId: 49407,
  pooling: undefined,
  causal: true,
  paddingId: undefined,
};

export const clipVisionDefaults: CLIPVisionConfig = {
  modelType: "clip_vision_model",
  imageSize: 224,
  patchSize: 32,
  numChannels: 3,
  hiddenSize: 768,
  intermediateSize: 3072,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  hiddenAct: "quick_gelu",
  layerNormEps: 1e-5,
  attentionDropout: 0,
  pooling: "token",
  normPre: true,
};

/** The [EOS] id that the first published configs name wrongly; what is meant is the greatest id. */
export const LEGACY_EOS = 2;

/** What the settings say by name, or by the [EOS] id. */
export const textPoolingOf = ({ pooling, eosTokenId }: Pick<CLIPTextConfig, "pooling" | "eosTokenId">): TextPooling =>
  pooling ?? (eosTokenId === LEGACY_EOS ? "greatest" : "eos");

export const clipTextChoices: Choices<CLIPTextConfig> = { pooling: textPoolings };
export const clipVisionChoices: Choices<CLIPVisionConfig> = { pooling: visionPoolings };

/** RN50's. */
export const clipResNetDefaults: CLIPResNetConfig = {
  modelType: "clip_resnet",
  imageSize: 224,
  numChannels: 3,
  width: 64,
  layers: [3, 4, 6, 3],
};

export const clipBagOfWordsDefaults: CLIPBagOfWordsConfig = { modelType: "clip_bag_of_words", vocabSize: 49408, hiddenSize: 512 };

/** A config with fields left out. Without a `modelType` the encoders are Transformers. */
export interface PartialCLIPConfig extends Partial<Pick<CLIPConfig, "projectionDim" | "logitScaleInitValue">> {
  readonly textConfig?: Partial<CLIPTextConfig> | (Partial<CLIPBagOfWordsConfig> & Pick<CLIPBagOfWordsConfig, "modelType">) | undefined;
  readonly visionConfig?: Partial<CLIPVisionConfig> | (Partial<CLIPResNetConfig> & Pick<CLIPResNetConfig, "modelType">) | undefined;
}

/** Fills in the defaults. @throws ArgumentError when a setting makes no sense */
export function clipConfig(config: PartialCLIPConfig): CLIPConfig {
  const { textConfig, visionConfig, ...rest } = config;
  return {
    ...completed("CLIP", { projectionDim: 512, logitScaleInitValue: Math.log(1 / 0.07) }, rest),
    textConfig:
      textConfig?.modelType === "clip_bag_of_words"
        ? completed("CLIP's textConfig", clipBagOfWordsDefaults, textConfig)
        : completed("CLIP's textConfig", clipTextDefaults, textConfig ?? {}, clipTextChoices),
    visionConfig:
      visionConfig?.modelType === "clip_resnet"
        ? completed("CLIP's visionConfig", clipResNetDefaults, visionConfig)
        : completed("CLIP's visionConfig", clipVisionDefaults, visionConfig ?? {}, clipVisionChoices),
  };
}
