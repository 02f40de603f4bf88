/** For authors of models, tasks and ops, beside what `index.ts` has: the way onto the hub, weights and configs, the tape, the kernels. */
export { checkModelType, camelCaseKeys, configFrom, snakeCase, snakeCaseKeys } from "./pretrained/config-keys.ts";
export { type Choices, completed, withoutUndefined } from "./pretrained/config-values.ts";
export { CheckpointShapes } from "./pretrained/checkpoint-shapes.ts";
export {
  type Family,
  type FamilyPart,
  jsonText,
  openPretrained,
  type PartOptions,
  type PretrainedClass,
  type PretrainedFiles,
} from "./pretrained/family.ts";
export { hubKeys } from "./pretrained/hub-keys.ts";
export { checkKeys, type KeyTable, keyTable, keyTableText, type SortedKey, sortKeys } from "./formats/known-keys.ts";
export type { Head } from "./pretrained/head.ts";
export { classesOf, hubConfigOf, labelsFrom, numbered, numLabelsOf } from "./pretrained/labels.ts";
export { loadPretrained } from "./pretrained/load-pretrained.ts";
export { loadModule, type ModuleOptions, notesOf, type Recipe, weightsOf } from "./pretrained/module-weights.ts";
export { type ProblemType, problemTypes, scoringOf } from "./pretrained/problem-type.ts";
export { PretrainedModel } from "./pretrained/pretrained-model.ts";

export { type AnyFamilies, type AutoClass, type AutoClasses, type AutoFamilies, byHead, joinFamilies } from "./auto/families.ts";
export { findClass, type FoundClass } from "./auto/find-class.ts";
export { headModules } from "./auto/head-modules.ts";
export { loadAuto } from "./auto/load-auto.ts";
export { type EmbeddingPipeline, embeddingPipelineOf, type Pipeline, pipelineOf } from "./auto/pipeline.ts";

export { underNames, withoutHolder } from "./checkpoint/entry-names.ts";
export { type LoadOptions, type LoadReport, loadWeights } from "./checkpoint/load-weights.ts";
export type { Mismatch } from "./checkpoint/match-weights.ts";
export type { FileContent } from "./checkpoint/save-safetensors.ts";
export type { Destination } from "./checkpoint/transfer.ts";
export { firstOf, joined, type Part, reshaped, rowsOf, type Rule, transposed, type WeightLayout } from "./checkpoint/weight-table.ts";
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./formats/half-precision.ts";
export type { SafetensorsOptions, TensorSource, Writable } from "./formats/safetensors-writer.ts";

export { download } from "./files/download.ts";
export { type FileSource, subfolder } from "./files/file-source.ts";
export { reasonOf } from "./files/checkpoint-error.ts";
export { isJsonObject, type Json, type JsonObject, parseJson, readJson } from "./files/read-json.ts";
export { readBytes, readText, refuseForeign, type SourceFile } from "./files/source-file.ts";
export { openSource, sourceRules } from "./files/source.ts";

export {
  aboveZero,
  aFlag,
  aFunction,
  aMap,
  aNumber,
  anObject,
  anRng,
  aShare,
  aSignal,
  aTensor,
  aText,
  belowOne,
  checkArguments,
  checkNames,
  checkOptions,
  either,
  fromZero,
  limitFrom,
  many,
  needed,
  oneOf,
  type RulesOf,
  shaped,
  type ValueRule,
  wholeFrom,
} from "./options.ts";

export {
  type EmbeddingArrays,
  type EmbeddingPrecision,
  type EmbeddingRanges,
  embeddingRanges,
  isScalar,
  type PrecisionOptions,
  precisionRules,
  quantizeEmbeddings,
  quantizeFound,
  RangeGrid,
} from "./embeddings/quantize-embeddings.ts";

export { breather } from "./loops/breather.ts";
export { batchRules, inBatches, listOf } from "./loops/batches.ts";
export { attempt, itemErrorRules } from "./loops/item-errors.ts";
export { checkOutputs } from "./loops/check-outputs.ts";
export { checkModel } from "./loops/check-model.ts";
export { trainRules } from "./loops/train.ts";
export { ranked } from "./loops/ranked.ts";

export { attentionContextRules } from "./nn/attention-context.ts";
export { runBlocks } from "./nn/blocks.ts";
export { batchNormRules } from "./nn/batch-norm2d.ts";
export { convNorm, type ConvNormOptions } from "./nn/conv-norm.ts";
export { patchCount, patchGrid, type PixelSize, sidesOf } from "./nn/pixel-size.ts";
export { resamplePositions } from "./nn/resample-positions.ts";
export { followStatistics } from "./nn/running-statistics.ts";
export { checkHeads } from "./nn/self-attention.ts";
export { traceRules } from "./nn/trace.ts";
export { branchNormBlock, postNormBlock, preNormBlock, type TransformerBlockConfig } from "./nn/transformer-block.ts";

export { recompute } from "./autograd/recompute.ts";
export { allOrNothing } from "./tensor/scope.ts";
export { blockScope, isRecording, recordAgain, trainingStep } from "./autograd/grad-mode.ts";
export { record } from "./autograd/tape.ts";
export { Draws } from "./ops/elementwise/draws.ts";
export { at, Block, type Operand } from "@x/core-wasm";
export { engine } from "./tensor/engine.ts";
export { checkFloats, checkImages, checkInts } from "./tensor/operands.ts";
export { isError, kindOf, shown } from "./errors.ts";
