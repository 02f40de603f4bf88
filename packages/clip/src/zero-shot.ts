import { type ItemErrors, keep, matmul, mean, noGrad, normalize, type Ranked, reshape, tensor, type Tensor, TensorError } from "@x/layers";
import { aText, checkArguments, checkModel, checkOptions, many, numbered, type RulesOf } from "@x/layers/model";
import { embedText, type EmbedTextOptions, embedTextRules } from "@x/models-nlp";
import { type Classification, classify, type ClassifyOptions, type ImageClassifier, type ImageInput } from "@x/models-vision";
import type { CLIP } from "./clip.ts";
import type { SigLIP } from "./siglip/siglip.ts";

export interface ZeroShotOptions extends EmbedTextOptions {
  /** Sentences that each label is put into, in place of `{label}`; the mean of their embeddings stands for it. Default "A photo of a {label}." */
  readonly templates?: readonly string[] | undefined;
}

const rules: RulesOf<ZeroShotOptions> = { ...embedTextRules, templates: many(aText) };

/**
 * A classifier for labels that are just words, made by embedding them once. Radford et al. 2021, §3.1. With CLIP the labels' probabilities sum to 1; with SigLIP
 * each label is a yes or no of its own.
 * @throws TensorError when there is no label or template, or a template has no `{label}`; else as `embedText` does
 */
export async function zeroShot(
  model: CLIP | SigLIP,
  labels: readonly string[],
  options: ZeroShotOptions = {},
): Promise<ZeroShotClassifier> {
  checkModel("zeroShot", model, ["encodeImages", "encodeTexts", "logitsOf"], "CLIP or SigLIP");
  checkOptions("zeroShot", options, rules);
  const { templates = ["A photo of a {label}."], ...embedding } = options;
  checkArguments("zeroShot", many(aText), { labels });
  if (labels.length === 0 || templates.length === 0) throw new TensorError("zeroShot: at least one label and one template are needed");
  const bare = templates.find((template) => !template.includes("{label}"));
  if (bare !== undefined) throw new TensorError(`zeroShot: every template needs a place for the {label}, but "${bare}" has none`);
  const prompts = labels.flatMap((label) => templates.map((template) => template.replaceAll("{label}", () => label)));
  const prompted = await embedText(model, prompts, embedding); //                          K · T vectors of length 1
  const embeddings = noGrad(() => {
    const byLabel = reshape(tensor(prompted), [labels.length, templates.length, -1]); //   (K, T, E)
    return normalize(mean(byLabel, 1)); //                                                 (K, E)
  });
  return new ZeroShotClassifier(model, labels, keep(embeddings));
}

/** Labels with their embeddings; it classifies any number of images. Doesn't own the model. */
export class ZeroShotClassifier implements ImageClassifier, Disposable {
  readonly labels: readonly string[];
  /** (K, E), rows of length 1. */
  readonly embeddings: Tensor;
  readonly config: ImageClassifier["config"];
  readonly #model: CLIP | SigLIP;

  constructor(model: CLIP | SigLIP, labels: readonly string[], embeddings: Tensor) {
    this.#model = model;
    this.labels = labels;
    this.embeddings = embeddings;
    this.config = { id2label: numbered(labels), numLabels: labels.length, problemType: model.problemType };
  }

  get processor(): CLIP["processor"] {
    return this.#model.processor;
  }

  /** images (B, C, H, W) → logits (B, K). */
  forward(images: Tensor): Tensor {
    return this.#model.logitsOf(matmul(this.#model.encodeImages(images), this.embeddings, { transposeB: true }));
  }

  /** The likeliest labels of an image, or of each of a list. Throws as `classify` of @x/models-vision does. */
  classify(image: ImageInput, options?: ClassifyOptions): Promise<Ranked<Classification>>;
  classify(images: readonly ImageInput[], options: ClassifyOptions & ItemErrors): Promise<(Ranked<Classification> | undefined)[]>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Ranked<Classification>[]>;
  classify(
    images: ImageInput | readonly ImageInput[],
    options?: ClassifyOptions,
  ): Promise<Ranked<Classification> | Ranked<Classification>[]>;
  classify(
    images: ImageInput | readonly ImageInput[],
    options?: ClassifyOptions & Partial<ItemErrors>,
  ): Promise<Ranked<Classification> | (Ranked<Classification> | undefined)[]> {
    return classify(this, images, options);
  }

  /** Frees the embeddings. */
  dispose(): void {
    this.embeddings.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
