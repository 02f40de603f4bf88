import { matmul, type Module, type Tensor } from "@x/layers";
import { contrastiveLoss, pairwiseLoss } from "../losses/embedding-losses.ts";
import { retrievalScores } from "../metrics/retrieval.ts";
import { rowsOf } from "./classes.ts";
import type { Processor } from "./image.ts";
import type { Learned, Objective, Scores } from "./objective.ts";
import { type TextTensors, type TextTokenizer, tokenizerOf } from "./text.ts";

/** What is needed of a model: CLIP, SigLIP. */
export interface ImageTextModel<Image> extends Module {
  readonly processor: Processor<Image>;
  readonly tokenizer: TextTokenizer | undefined;
  /** Most tokens of a text. */
  readonly maxLength: number | undefined;
  /** What the logits of an image are: a choice among the texts (CLIP), or a yes or no of each ("multi_label_classification", SigLIP). */
  readonly problemType: string;
  /** (B, C, H, W) → embeddings (B, E) of length 1 */
  encodeImages(images: Tensor): Tensor;
  /** (M, N) → embeddings (M, E) of length 1 */
  encodeTexts(inputIds: Tensor<"int32">, attentionMask: Tensor<"int32">): Tensor;
  /** cosines (B, M) → logits (B, M) */
  logitsOf(cosines: Tensor): Tensor;
  clampLogitScale?(): void;
}

interface ImageTextOutput {
  readonly imageEmbeddings: Tensor;
  readonly textEmbeddings: Tensor;
}

export interface ImageWithText<Image> {
  readonly image: Image;
  readonly text: string;
}

export interface ImageTextBatch {
  /** (B, C, H, W) */
  readonly images: Tensor;
  readonly text: TextTensors;
}

/**
 * Images and texts that belong together: each shall find its own among the batch's, so that larger batches teach more. Radford et al. 2021, §2.3; by a yes or
 * no of each pair, Zhai et al. 2023, §3.2. CLIP's logit scale is brought back to at most 100 after every step. Scores over all pairs of the evaluation: how often an image finds its own text.
 * @throws ArgumentError when the model has no tokenizer
 */
export function imageText<Image>(model: ImageTextModel<Image>): Objective<ImageWithText<Image>, ImageTextBatch, Learned & ImageTextOutput> {
  const tokenizer = tokenizerOf("imageText", model);
  const cut = { maxLength: model.maxLength ?? tokenizer.maxLength ?? Infinity, truncation: "longestFirst" } as const;
  return {
    model,
    async collate(examples) {
      const texts = tokenizer.pad(examples.map(({ text }) => tokenizer.encode(text, cut)));
      try {
        return { images: await model.processor.process(examples.map(({ image }) => image)), text: texts };
      } catch (error) {
        texts[Symbol.dispose]();
        throw error;
      }
    },
    loss({ images, text }) {
      const imageEmbeddings = model.encodeImages(images); //                                               (B, E)
      const textEmbeddings = model.encodeTexts(text.inputIds, text.attentionMask); //                      (B, E)
      const logits = model.logitsOf(matmul(imageEmbeddings, textEmbeddings, { transposeB: true })); //     (B, B)
      const lossOf = model.problemType === "multi_label_classification" ? pairwiseLoss : contrastiveLoss;
      return { imageEmbeddings, textEmbeddings, loss: lossOf(logits) };
    },
    scores: retrieval,
    afterStep: () => model.clampLogitScale?.(),
  };
}

function retrieval(): Scores<ImageTextBatch, ImageTextOutput> {
  const [images, texts]: [Float32Array[], Float32Array[]] = [[], []];
  return {
    add({ imageEmbeddings, textEmbeddings }) {
      images.push(...rowsOf(imageEmbeddings));
      texts.push(...rowsOf(textEmbeddings));
    },
    result: () => ({ ...retrievalScores(products(images, texts)) }),
  };
}

/** All inner products. @internal */
export const products = (a: readonly Float32Array[], b: readonly Float32Array[]): Float64Array[] =>
  a.map((row) => Float64Array.from(b, (other) => row.reduce((sum, value, i) => sum + value * (other[i] ?? 0), 0)));
