export { ShapeError, TensorError } from "./errors.ts";
export { breather } from "./breather.ts";
export { Rng } from "./random.ts";

export { engine, init, liveBytes, shutdown } from "./tensor/engine.ts";
export { full, intTensor, ones, tensor, zeros } from "./tensor/create.ts";
export { Parameter } from "./tensor/parameter.ts";
export { keep, scope } from "./tensor/scope.ts";
export type { Shape } from "./tensor/shape.ts";
export { type DType, empty, type NestedNumbers, Tensor, type TypedArrayOf } from "./tensor/tensor.ts";

export { backward } from "./autograd/backward.ts";
export { blockScope, isRecording, noGrad, recordAgain } from "./autograd/grad-mode.ts";
export { record } from "./autograd/record.ts";

export { activate, type Activation, activationOf, gelu, geluTanh, quickGelu, relu, sigmoid, silu, tanh } from "./ops/activation.ts";
export { add, divide, multiply, scaleAndShift, subtract } from "./ops/arithmetic.ts";
export { attention, type AttentionOptions, crossAttention, selfAttention } from "./ops/attention.ts";
export { averagePool2d } from "./ops/average-pool.ts";
export { batchNorm, batchNormTraining, type ChannelStatistics } from "./ops/batch-norm.ts";
export { broadcastTo } from "./ops/broadcast.ts";
export { conv2d } from "./ops/conv.ts";
export { convBatchNorm, type ConvBatchNormOptions, type FoldedNorm } from "./ops/conv-batch-norm.ts";
export { type ConvOptions } from "./ops/convolution.ts";
export { dropout, dropPath } from "./ops/dropout.ts";
export { embedding, gatherTokens } from "./ops/embedding.ts";
export { type ExplicitAttention, explicitAttention, explicitCrossAttention, explicitSelfAttention } from "./ops/explicit-attention.ts";
export { fft, type FftOptions } from "./ops/fft.ts";
export { fourierMix } from "./ops/fourier-mix.ts";
export { interpolate, type Interpolation } from "./ops/interpolate.ts";
export { layerNorm } from "./ops/layer-norm.ts";
export { linear, type LinearOptions } from "./ops/linear.ts";
export { matmul, type MatmulOptions } from "./ops/matmul.ts";
export { normalize } from "./ops/normalize.ts";
export { patchify, type PatchLayout, unpatchify } from "./ops/patchify.ts";
export { permute, transpose } from "./ops/permute.ts";
export { drawNormal, drawTruncatedNormal, drawUniform } from "./ops/random.ts";
export { argmax, max, mean, sum } from "./ops/reduce.ts";
export { reshape } from "./ops/reshape.ts";
export { concat, slice } from "./ops/slice.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { exp, log, sqrt, square } from "./ops/unary.ts";

export type { AttentionContext } from "./nn/attention-context.ts";
export { type BlockOptions, PostNormBlock, PreNormBlock, type TokenMixer } from "./nn/blocks.ts";
export { BatchNorm2d } from "./nn/batch-norm2d.ts";
export { convNorm, type ConvNormOptions } from "./nn/conv-norm.ts";
export { Conv2d, type Conv2dOptions } from "./nn/conv2d.ts";
export { CrossAttention, type CrossAttentionOptions } from "./nn/cross-attention.ts";
export { DropPath, dropPathRate } from "./nn/drop-path.ts";
export { Dropout } from "./nn/dropout.ts";
export { Embedding } from "./nn/embedding.ts";
export { FeedForward, type FeedForwardOptions } from "./nn/feed-forward.ts";
export { fillNormal, fillOnes, fillTruncatedNormal, fillXavierUniform, fillZeros } from "./nn/initializers.ts";
export { KeyValueCache } from "./nn/key-value-cache.ts";
export { LayerNorm } from "./nn/layer-norm.ts";
export { Linear } from "./nn/linear.ts";
export { Module } from "./nn/module.ts";
export { paddingMask } from "./nn/padding-mask.ts";
export { PatchEmbedding } from "./nn/patch-embedding.ts";
export { followStatistics } from "./nn/running-statistics.ts";
export { checkHeads, SelfAttention, type SelfAttentionOptions } from "./nn/self-attention.ts";
export { quantize } from "./nn/quantize.ts";
export { summary } from "./nn/summary.ts";
export { Trace } from "./nn/trace.ts";

export { crossEntropy, type CrossEntropyOptions, crossEntropyPerRow } from "./loss/cross-entropy.ts";
export { meanSquaredError } from "./loss/mean-squared-error.ts";

export { AdamW, type AdamWOptions, decayMatricesOnly } from "./optim/adamw.ts";
export { clipGradientNorm } from "./optim/clip-gradient-norm.ts";
export { Optimizer, type OptimizerState, type ParameterGroup, type ParameterState, type Update } from "./optim/optimizer.ts";
export { constant, cosineWithWarmup, linearWithWarmup, noam, type Schedule } from "./optim/schedule.ts";
export { SGD, type SGDOptions } from "./optim/sgd.ts";

export { type BatchOptions, inBatches, listOf } from "./inference/in-batches.ts";
export { train, type TrainOptions, type TrainReport } from "./training/train.ts";

export { LoRA, type LoRAOptions, type LoRAPretrainedOptions } from "./lora/lora.ts";
export type { AdaptableModel, TargetModules } from "./lora/projections.ts";

export * from "./io/index.ts";
export { camelCaseKeys, configFrom, isJsonObject, type Json, type JsonObject, snakeCaseKeys } from "./pretrained/config-keys.ts";
export { type Labels, labelsFrom, labelTables, numbered } from "./pretrained/labels.ts";
export { parseJson, readJson } from "./pretrained/read-json.ts";
export {
  loadModule,
  type ModuleOptions,
  openPretrained,
  type PretrainedFiles,
  type PretrainedOptions,
  saveModule,
  weightsOf,
} from "./pretrained/pretrained.ts";
