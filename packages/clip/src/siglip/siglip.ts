/**
 * SigLIP: "Sigmoid Loss for Language Image Pre-Training", Zhai et al. 2023. CLIP's two towers, but each pair of image and text is a yes or no of its own, so that
 * no pair's loss needs the others. B images, M texts, E embedding length.
 */
import { add, exp, matmul, multiply, normalize, Parameter, type Rng, type Tensor } from "@x/layers";
import { PretrainedModel, type ProblemType } from "@x/layers/model";
import type { Tokenizer } from "@x/models-nlp";
import { ImageProcessor, ViT } from "@x/models-vision";
import type { CLIPOutput } from "../clip.ts";
import { padTexts } from "../text/pad-texts.ts";
import { type PartialSigLIPConfig, type SigLIPConfig, sigLIPConfig } from "./config.ts";
import { sigLIPFamily } from "./family.ts";
import { sigLIPProcessor } from "./processor.ts";
import { SigLIPTextTower } from "./text-tower.ts";

export class SigLIP extends PretrainedModel<SigLIPConfig> {
  static readonly family: typeof sigLIPFamily = sigLIPFamily;
  /** What images go through first. */
  processor: ImageProcessor;
  /** What texts go through first; undefined where no tokenizer's files came with the model. */
  tokenizer: Tokenizer | undefined;
  readonly visual: ViT;
  readonly text: SigLIPTextTower;
  /** t' in the paper: cosines are multiplied with its exponential. (1) */
  readonly logitScale: Parameter;
  /** b in the paper, added to that. (1) */
  readonly logitBias: Parameter;

  constructor(config: PartialSigLIPConfig, rng: Rng) {
    super(sigLIPConfig(config));
    const { textConfig, visionConfig } = this.config;
    this.processor = new ImageProcessor(sigLIPProcessor(visionConfig.imageSize));
    const { modelType: _modelType, attentionDropout: attentionProbsDropoutProb, ...shape } = visionConfig;
    this.visual = new ViT({ ...shape, attentionProbsDropoutProb, classToken: false, pooling: "latent", numLabels: 0 }, rng);
    this.text = new SigLIPTextTower(textConfig, rng);
    this.logitScale = new Parameter([1]);
    this.logitBias = new Parameter([1]);
  }

  /** What the logits of an image are: for each text by itself, whether it is the image's. */
  get problemType(): ProblemType {
    return "multi_label_classification";
  }

  /** Tokens of every text. */
  get maxLength(): number {
    return this.config.textConfig.maxPositionEmbeddings;
  }

  /** images (B, C, H, W) → embeddings (B, E), rows of length 1. */
  encodeImages(images: Tensor): Tensor {
    return normalize(this.visual.forward(images));
  }

  /** inputIds (M, N) → embeddings (M, E), rows of length 1. Shorter texts are padded to `maxLength`; what is padding is seen, as in training. */
  encodeTexts(inputIds: Tensor<"int32">): Tensor {
    const padding = this.tokenizer?.special.pad ?? this.config.textConfig.padTokenId;
    return normalize(this.text.forward(padTexts(inputIds, this.maxLength, padding)));
  }

  /** cosines (B, M) → logits (B, M), of which each by itself says how likely its text belongs to its image, by the logistic function. */
  logitsOf(cosines: Tensor): Tensor {
    return add(multiply(cosines, exp(this.logitScale)), this.logitBias);
  }

  /** images (B, C, H, W), inputIds (M, N), which are taken as they are → the embeddings of both, and every image's logit for every text. */
  forward(images: Tensor, inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">): CLIPOutput {
    const imageEmbeddings = this.encodeImages(images); //                             (B, E)
    const textEmbeddings = normalize(this.text.forward(inputIds, attentionMask)); //  (M, E)
    const cosines = matmul(imageEmbeddings, textEmbeddings, { transposeB: true }); // (B, M)
    return { imageEmbeddings, textEmbeddings, logits: this.logitsOf(cosines) };
  }

  /** The towers as their docstrings say; t' = ln 10 and b = −10, so that training begins near the share of pairs that belong together. §3.2 */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    this.logitScale.data[0] = Math.log(10);
    this.logitBias.data[0] = -10;
    return this;
  }
}
