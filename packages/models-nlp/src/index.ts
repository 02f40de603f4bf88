export type { EncodeOptions, Encoding, Truncation, WindowOptions } from "./tokenizer/encoding.ts";
export type { SpecialTokens } from "./tokenizer/files/special-tokens.ts";
export { type PadOptions, TextBatch } from "./tokenizer/text-batch.ts";
export { tokenizerPart } from "./tokenizer/pretrained-tokenizer.ts";
export { type DecodeOptions, Tokenizer, type TokenizerOptions } from "./tokenizer/tokenizer.ts";
export { answer, type Answer, type AnswerOptions, type Question, type QuestionAnsweringModel } from "./tasks/answer.ts";
export {
  classifyText,
  type ClassifyTextOptions,
  type TextClassification,
  type TextClassifier,
  type TextOrPair,
} from "./tasks/classify-text.ts";
export { embedText, type EmbedTextOptions, embedTextRules, type TextEmbedder } from "./tasks/embed-text.ts";
export type { Aggregation, Entity } from "./tasks/entities.ts";
export { type FilledMask, fillMask, type FillMaskOptions, fillMasks, type MaskedLanguageModel } from "./tasks/fill-mask.ts";
export { type LateInteraction, maxSim, type TokenVectors } from "./tasks/max-sim.ts";
export {
  type PairScorer,
  rank,
  type RankedPassage,
  type RankOptions,
  type Reranker,
  scorePairs,
  type ScorePairsOptions,
} from "./tasks/rank.ts";
export type { TextModel } from "./tasks/text-model.ts";
export { tagTokens, type TagTokensOptions, type TokenClassifier } from "./tasks/tag-tokens.ts";
export { TokenizerError } from "./tokenizer/stages/tokenizer-error.ts";
export type { TextInput } from "./text-encoder/text-input.ts";
export { Bert, BertEncoder } from "./bert/bert.ts";
export {
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
} from "./bert/bert-with-heads.ts";
export { type BertConfig, bertDefaults } from "./bert/config.ts";
export { bertPreset } from "./bert/presets.ts";
export { bertLayouts } from "./bert/weights.ts";
export { ColBERT } from "./colbert/colbert.ts";
export { type ColBERTConfig, colbertDefaults } from "./colbert/config.ts";
export { colbertLayouts } from "./colbert/family.ts";
export { type RobertaConfig, robertaDefaults } from "./roberta/config.ts";
export {
  Roberta,
  RobertaForMaskedLM,
  RobertaForQuestionAnswering,
  RobertaForSequenceClassification,
  RobertaForTokenClassification,
  Roberta as XLMRoberta,
  RobertaForMaskedLM as XLMRobertaForMaskedLM,
  RobertaForQuestionAnswering as XLMRobertaForQuestionAnswering,
  RobertaForSequenceClassification as XLMRobertaForSequenceClassification,
  RobertaForTokenClassification as XLMRobertaForTokenClassification,
  Roberta as Camembert,
  RobertaForMaskedLM as CamembertForMaskedLM,
  RobertaForQuestionAnswering as CamembertForQuestionAnswering,
  RobertaForSequenceClassification as CamembertForSequenceClassification,
  RobertaForTokenClassification as CamembertForTokenClassification,
} from "./roberta/roberta.ts";
export { robertaPreset } from "./roberta/presets.ts";
export { robertaLayouts } from "./roberta/weights.ts";
export { type DistilBertConfig, distilBertDefaults } from "./distilbert/config.ts";
export {
  DistilBert,
  DistilBertForMaskedLM,
  DistilBertForQuestionAnswering,
  DistilBertForSequenceClassification,
  DistilBertForTokenClassification,
} from "./distilbert/distilbert.ts";
export { distilBertPreset } from "./distilbert/presets.ts";
export { distilBertLayouts } from "./distilbert/weights.ts";
export { type MPNetConfig, mpNetDefaults } from "./mpnet/config.ts";
export {
  MPNet,
  MPNetForMaskedLM,
  MPNetForQuestionAnswering,
  MPNetForSequenceClassification,
  MPNetForTokenClassification,
} from "./mpnet/mpnet.ts";
export { mpNetPreset } from "./mpnet/presets.ts";
export { mpNetLayouts } from "./mpnet/weights.ts";
export { type ElectraConfig, electraDefaults } from "./electra/config.ts";
export {
  Electra,
  ElectraForMaskedLM,
  ElectraForPreTraining,
  ElectraForQuestionAnswering,
  ElectraForSequenceClassification,
  ElectraForTokenClassification,
} from "./electra/electra.ts";
export { electraPreset } from "./electra/presets.ts";
export { replacedTokenLoss } from "./electra/replaced-token-loss.ts";
export { electraLayouts } from "./electra/weights.ts";
export { type ModernBertConfig, modernBertDefaults } from "./modern-bert/config.ts";
export {
  ModernBert,
  ModernBertForMaskedLM,
  ModernBertForQuestionAnswering,
  ModernBertForSequenceClassification,
  ModernBertForTokenClassification,
} from "./modern-bert/modern-bert.ts";
export { modernBertPreset } from "./modern-bert/presets.ts";
export { modernBertLayouts } from "./modern-bert/weights.ts";
export type { PoolingMode } from "./sentence-embedding/pooling.ts";
export type { DenseConfig, SentenceEncoderConfig } from "./sentence-embedding/config.ts";
export { sentenceEncoderPreset } from "./sentence-embedding/presets.ts";
export { SentenceEncoder } from "./sentence-embedding/sentence-encoder.ts";
export { type FNetConfig, fNetDefaults } from "./fnet/config.ts";
export { FNet } from "./fnet/fnet.ts";
export {
  FNetForMaskedLM,
  FNetForNextSentencePrediction,
  FNetForPreTraining,
  FNetForQuestionAnswering,
  FNetForSequenceClassification,
  FNetForTokenClassification,
} from "./fnet/fnet-with-heads.ts";
export { FourierMixing } from "./fnet/fourier-mixing.ts";
export { LinearMixing } from "./fnet/linear-mixing.ts";
export { fNetPreset } from "./fnet/presets.ts";
export { fNetLayouts } from "./fnet/weights.ts";
export type { Decoding, GenerationDefaults, SequenceToSequence } from "./generation/decoding.ts";
export type { Sampling } from "./generation/choose.ts";
export type { Drawing } from "./generation/drawing.ts";
export { generate, type Generated, type GenerateOptions, generateSteps, type StepwiseGeneration } from "./generation/generate.ts";
export type { Written } from "./generation/stepwise.ts";
export { type MarianConfig, marianDefaults } from "./marian/config.ts";
export { Marian } from "./marian/marian.ts";
export { marianPreset } from "./marian/presets.ts";
export { type Cleaning, cleanings } from "./tokenizer/files/cleaning.ts";
export { marianLayouts } from "./marian/weights.ts";
export { type M2M100Config, m2m100Defaults } from "./m2m-100/config.ts";
export { M2M100 } from "./m2m-100/m2m-100.ts";
export { m2m100Preset } from "./m2m-100/presets.ts";
export { m2m100Layouts } from "./m2m-100/weights.ts";
export { answerLoss } from "./heads/answer-loss.ts";
export { type MaskedTokens, type MaskingOptions, maskTokens } from "./pretraining/mask-tokens.ts";
export { preTrainingBatch, type PreTrainingBatch, type PreTrainingBatchOptions } from "./pretraining/pre-training-batch.ts";
export { preTrainingLoss, type PreTrainingModel, preTrainingOutputs, type PreTrainingOutputs } from "./pretraining/pre-training-loss.ts";
export { type Sentence, type SentencePair, type SentencePairOptions, sentencePairs } from "./pretraining/sentence-pairs.ts";
export { type TransformerConfig, transformerDefaults } from "./transformer/config.ts";
export { Decoder, type DecoderContext } from "./transformer/decoder.ts";
export { Encoder } from "./transformer/encoder.ts";
export { EncoderDecoder } from "./transformer/encoder-decoder.ts";
export { transformerPreset } from "./transformer/presets.ts";
export { shiftRight } from "./transformer/shift-right.ts";
export { SinusoidalPositions, type SinusoidOrder } from "./transformer/sinusoidal-positions.ts";
export { Transformer } from "./transformer/transformer.ts";
export { encoderDecoderLayout, transformerLayouts } from "./transformer/weights.ts";
export { translate, type TranslateOptions, type Translator, translateStream } from "./tasks/translate.ts";
export {
  type BatchOptions,
  CheckpointError,
  init,
  intTensor,
  liveBytes,
  noGrad,
  OutOfMemoryError,
  type Ranked,
  Rng,
  scope,
  ShapeError,
  tensor,
  type Tensor,
  TensorError,
  Trace,
  XError,
} from "@x/layers";
export { type EmbeddingArrays, type EmbeddingPrecision, type EmbeddingRanges, embeddingRanges, quantizeEmbeddings } from "@x/layers/model";
