/** Training and fine-tuning: data in batches, `fit`, evaluation, objectives. */
export type { Mixing } from "./augment/mixing.ts";
export type { Erasing } from "./augment/random-erasing.ts";
export { type BatchCursor, Batches, batches, type BatchesOptions, type Dataset } from "./data/batches.ts";
export { imageFolder, type ImageFolder } from "./data/image-folder.ts";
export { jsonLines, readJsonLines } from "./data/lines.ts";
export type { FileLocation } from "./data/source.ts";
export type { ImageFile } from "./platform/types.ts";
export { curveOf } from "./fit/curve.ts";
export { evaluate, type EvaluateOptions, type Evaluation } from "./fit/evaluate.ts";
export { fit } from "./fit/fit.ts";
export type { EvaluationEntry, HistoryEntry, StepEntry } from "./fit/history.ts";
export type { Adapter, Answer, FitOptions, FitResult, StepReport } from "./fit/options.ts";
export type { Best } from "./fit/checkpoint.ts";
export type { Learned, Metric, Metrics, Objective, Scores } from "./objectives/objective.ts";
export { directoryStorage } from "./storage/directory-storage.ts";
export { indexedDBStorage } from "./storage/indexed-db-storage.ts";
export type { RunLocation } from "./storage/open-storage.ts";
export type { RunStorage } from "./storage/run-storage.ts";
export { bleu, type Bleu, tokenize13a } from "./metrics/bleu.ts";
export {
  accuracy,
  classScores,
  type ClassScores,
  confusionMatrix,
  type ConfusionMatrix,
  macroF1,
  multiLabelScores,
  type MultiLabelScores,
  topKAccuracy,
} from "./metrics/classification.ts";
export { pearson, spearman } from "./metrics/correlation.ts";
export { entityScores, type EntityScores } from "./metrics/entities.ts";
export { retrievalScores, type RetrievalScores } from "./metrics/retrieval.ts";
export { answerScores, type AnswerScores } from "./metrics/spans.ts";
export { type ClassesOutcome, type Label } from "./objectives/classes.ts";
export {
  type ClassifiedBatch,
  type ClassifiedText,
  textClassification,
  type TextClassificationOptions,
  type TextClassifierModel,
} from "./objectives/text-classification.ts";
export { distillation, type DistillationOptions } from "./objectives/distillation.ts";
export {
  type EmbeddingModel,
  rankedPairs,
  type RankedPair,
  type RankingEmbeddingOptions,
  type ScoredPair,
  scoredPairs,
  type Triplet,
  type TripletOptions,
  triplets,
} from "./objectives/embeddings.ts";
export type { Processor } from "./objectives/image.ts";
export {
  type ClassifiedImage,
  imageClassification,
  type ImageClassificationOptions,
  type ImageClassifierModel,
} from "./objectives/image-classification.ts";
export { type Features, featuresOf, type FeaturesOptions, linearProbe } from "./objectives/linear-probe.ts";
export { imageText, type ImageTextModel, type ImageWithText } from "./objectives/image-text.ts";
export { maskedImage, type MaskedImageModel, type MaskedImageOptions } from "./objectives/masked-image.ts";
export { maskedLanguage, type MaskedLanguageModel, type MaskedLanguageOptions } from "./objectives/masked-language.ts";
export {
  type AnsweredQuestion,
  questionAnswering,
  type QuestionAnsweringModel,
  type QuestionAnsweringOptions,
} from "./objectives/question-answering.ts";
export type { TokenDistillation } from "./objectives/token-distillation.ts";
export { type TaggedText, tokenClassification, type TokenClassifierModel } from "./objectives/token-classification.ts";
export { type TranslatedText, translation, type TranslationModel, type TranslationOptions } from "./objectives/translation.ts";
export { distillationLoss } from "./losses/distillation-loss.ts";
export { contrastiveLoss, cosineLoss, pairwiseLoss, rankingLoss, type RankingOptions, tripletLoss } from "./losses/embedding-losses.ts";
export { softCrossEntropy } from "./losses/soft-cross-entropy.ts";
export { init, noGrad, Rng, XError } from "@x/layers";
