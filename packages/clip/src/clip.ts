/**
 * CLIP: "Learning Transferable Visual Models From Natural Language Supervision", Radford et al. 2021. An image encoder and a text encoder whose
 * features, projected and brought to length 1, are near each other where image and text belong together. B images, M texts, E embedding length.
 */
import {
  exp,
  init,
  loadModule,
  matmul,
  Module,
  multiply,
  normalize,
  Parameter,
  Rng,
  saveModule,
  type PretrainedOptions,
  type SaveLocation,
  type SaveOptions,
  type SourceLocation,
  type Tensor,
  type WeightLayout,
} from "@x/layers";
import { ImageProcessor } from "@x/models-vision";
import type { Tokenizer } from "@x/models-nlp";
import { type CLIPConfig, clipConfig, type PartialCLIPConfig } from "./config.ts";
import { clipProcessor, openCLIP, processorFrom } from "./files.ts";
import { clipConfigFrom, clipHubConfig } from "./hub-config.ts";
import { BagOfWords } from "./text/bag-of-words.ts";
import { pretrainedTokenizer } from "./text/pretrained-tokenizer.ts";
import type { CLIPTextEncoder } from "./text/clip-text-encoder.ts";
import { TextTransformer } from "./text/text-transformer.ts";
import { ModifiedResNet } from "./vision/modified-resnet.ts";
import { VisionTransformer } from "./vision/vision-transformer.ts";
import { clipLayouts } from "./weights.ts";

export interface CLIPPretrainedOptions extends PretrainedOptions {
  /** What dropout draws from in training. Default seed 0. */
  readonly rng?: Rng;
}

export interface CLIPOutput {
  /** (B, E), rows of length 1. */
  readonly imageEmbeddings: Tensor;
  /** (M, E), rows of length 1. */
  readonly textEmbeddings: Tensor;
  /** exp(logitScale) · cosines, (B, M). Transposed, they are the logits per text. */
  readonly logits: Tensor;
}

export class CLIP extends Module {
  readonly config: CLIPConfig;
  /** What images go through first. */
  processor: ImageProcessor;
  /** What texts go through first; undefined where no tokenizer's files came with the model. */
  tokenizer: Tokenizer | undefined;
  readonly visual: VisionTransformer | ModifiedResNet;
  readonly text: CLIPTextEncoder;
  /** t, a scalar: cosines are multiplied with eᵗ before softmax. §2.3 */
  readonly logitScale: Parameter;

  /** The parameters are not filled: use `CLIP.fromConfig` or `CLIP.fromPretrained`. */
  constructor(config: PartialCLIPConfig, rng: Rng) {
    super();
    const { visionConfig, textConfig, projectionDim } = (this.config = clipConfig(config));
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

  /** How adapters name its weights: see `LoRA`. */
  get layouts(): readonly WeightLayout[] {
    return clipLayouts;
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
    return normalize(this.text.forward(inputIds, attentionMask));
  }

  /** images (B, C, H, W), inputIds (M, N) → the embeddings of both, and every image's logit for every text. Figure 3. */
  forward(images: Tensor, inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">): CLIPOutput {
    const imageEmbeddings = this.encodeImages(images); //                                        (B, E)
    const textEmbeddings = this.encodeTexts(inputIds, attentionMask); //                         (M, E)
    const cosines = matmul(imageEmbeddings, textEmbeddings, { transposeB: true }); //            (B, M)
    return { imageEmbeddings, textEmbeddings, logits: multiply(cosines, exp(this.logitScale)) };
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

  /**
   * A model from the hub (`"openai/clip-vit-base-patch32"`, `"laion/CLIP-ViT-B-32-laion2B-s34B-b79K"`), a folder, an address, a single file of
   * OpenAI's (`RN50.pt`), or files in memory; in evaluation mode.
   * @throws CheckpointError when it can't be read or isn't a CLIP
   */
  static async fromPretrained(where: SourceLocation, options: CLIPPretrainedOptions = {}): Promise<CLIP> {
    await init();
    const files = await openCLIP(where, options);
    const clip = new CLIP(clipConfigFrom(files.config, files.openClip, files.checkpoint), options.rng ?? new Rng(0));
    await loadModule(clip, files.checkpoint, clipLayouts, options);
    clip.processor = processorFrom(files, clip.config.visionConfig.imageSize);
    clip.tokenizer = await pretrainedTokenizer(files.source);
    return clip;
  }

  /**
   * Writes `config.json`, `model.safetensors`, `preprocessor_config.json` and the tokenizer's files as Hugging Face's library has them; a ResNet's
   * weights, which it doesn't know, under OpenAI's names. @throws CheckpointError when that fails
   */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const [huggingFace, openAI] = clipLayouts;
    const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
    const alongside = new Map([
      ["config.json", json(clipHubConfig(this.config))],
      ["preprocessor_config.json", json(this.processor.toConfig())],
      ...(this.tokenizer?.files ?? []),
    ]);
    await saveModule(this, this.visual instanceof ModifiedResNet ? openAI : huggingFace, where, { ...options, alongside });
  }

  /** A fresh model with random parameters. @param options.rng default seed 0 */
  static async fromConfig(config: PartialCLIPConfig, { rng = new Rng(0) }: { readonly rng?: Rng } = {}): Promise<CLIP> {
    await init();
    return new CLIP(config, rng).initialize(rng);
  }
}
