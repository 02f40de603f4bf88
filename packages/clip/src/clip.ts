/**
 * CLIP: "Learning Transferable Visual Models From Natural Language Supervision", Radford et al. 2021. An image encoder and a text encoder whose
 * features, projected and brought to length 1, are near each other where image and text belong together. B images, M texts, E embedding length.
 */
import { exp, matmul, multiply, normalize, Parameter, type Rng, type Tensor } from "@x/layers";
import { PretrainedModel, type ProblemType } from "@x/layers/model";
import { ImageProcessor } from "@x/models-vision";
import type { Tokenizer } from "@x/models-nlp";
import { type CLIPConfig, clipConfig, type PartialCLIPConfig } from "./config.ts";
import { clipFamily } from "./family.ts";
import { clipProcessor } from "./processor.ts";
import { BagOfWords } from "./text/bag-of-words.ts";
import type { CLIPTextEncoder } from "./text/clip-text-encoder.ts";
import { padTexts } from "./text/pad-texts.ts";
import { TextTransformer } from "./text/text-transformer.ts";
import { ModifiedResNet } from "./vision/modified-resnet.ts";
import { VisionTransformer } from "./vision/vision-transformer.ts";

export interface CLIPOutput {
  /** (B, E), rows of length 1. */
  readonly imageEmbeddings: Tensor;
  /** (M, E), rows of length 1. */
  readonly textEmbeddings: Tensor;
  /** exp(logitScale) · cosines, (B, M). Transposed, they are the logits per text. */
  readonly logits: Tensor;
}

export class CLIP extends PretrainedModel<CLIPConfig> {
  static readonly family: typeof clipFamily = clipFamily;
  /** What images go through first. */
  processor: ImageProcessor;
  /** What texts go through first; undefined where no tokenizer's files came with the model. */
  tokenizer: Tokenizer | undefined;
  readonly visual: VisionTransformer | ModifiedResNet;
  readonly text: CLIPTextEncoder;
  /** t, a scalar: cosines are multiplied with eᵗ before softmax. §2.3 */
  readonly logitScale: Parameter;

  constructor(config: PartialCLIPConfig, rng: Rng) {
    super(clipConfig(config));
    const { visionConfig, textConfig, projectionDim } = this.config;
    this.processor = new ImageProcessor(clipProcessor(visionConfig.imageSize));
    this.visual =
      visionConfig.modelType === "clip_resnet"
        ? new ModifiedResNet(visionConfig, projectionDim)
        : new VisionTransformer(visionConfig, projectionDim, rng);
    this.text =
      textConfig.modelType === "clip_bag_of_words"
        ? new BagOfWords(textConfig, projectionDim)
        : new TextTransformer(textConfig, projectionDim, rng);
    this.logitScale = new Parameter([]);
  }

  /** What the logits of an image are: one of the texts is its own. */
  get problemType(): ProblemType {
    return "single_label_classification";
  }

  /** Most tokens of a text; undefined where the text encoder has no limit of its own. */
  get maxLength(): number | undefined {
    const { textConfig } = this.config;
    return textConfig.modelType === "clip_text_model" ? textConfig.maxPositionEmbeddings : undefined;
  }

  /** images (B, C, H, W) → embeddings (B, E), rows of length 1. */
  encodeImages(images: Tensor): Tensor {
    return normalize(this.visual.forward(images));
  }

  /** inputIds (M, N) and attentionMask (M, N), 1 for a token (default: all) → embeddings (M, E), rows of length 1. */
  encodeTexts(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">): Tensor {
    const { fixedLength } = this.text;
    if (fixedLength === undefined) return normalize(this.text.forward(inputIds, attentionMask));
    const { textConfig } = this.config;
    const own = textConfig.modelType === "clip_text_model" ? textConfig.paddingId : undefined;
    return normalize(this.text.forward(padTexts(inputIds, fixedLength, own ?? this.tokenizer?.special.pad ?? 0, attentionMask)));
  }

  /** cosines (B, M) → logits (B, M), of which the greatest in a row is the image's likeliest text. */
  logitsOf(cosines: Tensor): Tensor {
    return multiply(cosines, exp(this.logitScale));
  }

  /** images (B, C, H, W), inputIds (M, N) → the embeddings of both, and every image's logit for every text. Figure 3. */
  forward(images: Tensor, inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">): CLIPOutput {
    const imageEmbeddings = this.encodeImages(images); //                                        (B, E)
    const textEmbeddings = this.encodeTexts(inputIds, attentionMask); //                         (M, E)
    const cosines = matmul(imageEmbeddings, textEmbeddings, { transposeB: true }); //            (B, M)
    return { imageEmbeddings, textEmbeddings, logits: this.logitsOf(cosines) };
  }

  /** Brings the logit scale back between 1 and 100: to be called after every step of an optimizer. §2.5 */
  clampLogitScale(): void {
    this.logitScale.data[0] = Math.min(Math.max(this.logitScale.item(), 0), Math.log(100));
  }

  /** The encoders as their docstrings say; the logit scale from the config. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    this.logitScale.data[0] = this.config.logitScaleInitValue;
    return this;
  }
}
