/** For users: tensors, ops, modules, losses, optimizers, training, adapters. What only authors of models need stands in `model.ts`. */
export { ArgumentError, ShapeError, TensorError } from "./errors.ts";
export { type CachedRepository, cachedRepositories, type CacheOptions, clearCache, type ClearCacheOptions } from "./files/cached.ts";
export { CheckpointError, type CheckpointErrorDetails } from "./files/checkpoint-error.ts";
export { CoreError, type CoreOptions, type ErrorDetails, OutOfMemoryError, type Simd, XError } from "@x/core-wasm";
export { Rng } from "./random.ts";

export { init, liveBytes, shutdown } from "./tensor/engine.ts";
export { type Forgotten, forgotten } from "./tensor/forgotten.ts";
export { full, intTensor, ones, tensor, type TensorValues, zeros } from "./tensor/create.ts";
export type { TensorOrNumber } from "./tensor/operands.ts";
export { Parameter } from "./tensor/parameter.ts";
export { keep, scope } from "./tensor/scope.ts";
export type { Shape } from "./tensor/shape.ts";
export { type DType, empty, type NestedArray, type NestedNumbers, Tensor, type TypedArrayOf } from "./tensor/tensor.ts";

export { backward } from "./autograd/backward.ts";
export { noGrad } from "./autograd/grad-mode.ts";

export { attention, type AttentionOptions, crossAttention, selfAttention } from "./ops/attention/attention.ts";
export {
  type ExplicitAttention,
  explicitAttention,
  explicitCrossAttention,
  explicitSelfAttention,
} from "./ops/attention/explicit-attention.ts";
export { averagePool2d } from "./ops/conv/average-pool.ts";
export { convBatchNorm, type ConvBatchNormOptions } from "./ops/conv/conv-batch-norm.ts";
export { conv2d } from "./ops/conv/conv2d.ts";
export { type ConvOptions } from "./ops/conv/convolution.ts";
export { patchify, type PatchLayout, unpatchify } from "./ops/conv/patchify.ts";
export * from "./ops/elementwise/activate.ts";
export { add, divide, maximum, minimum, multiply, scaleAndShift, subtract } from "./ops/elementwise/arithmetic.ts";
export { equal, greater, greaterEqual, less, lessEqual, notEqual, where } from "./ops/elementwise/comparison.ts";
export { dropPath } from "./ops/elementwise/drop-path.ts";
export { dropout } from "./ops/elementwise/dropout.ts";
export { drawNormal, drawTruncatedNormal, drawUniform } from "./ops/elementwise/random.ts";
export { abs, clamp, exp, log, negate, pow, sqrt, square } from "./ops/elementwise/unary.ts";
export { fft, type FftOptions } from "./ops/fourier/fft.ts";
export { fourierMix } from "./ops/fourier/fourier-mix.ts";
export { linear, type LinearOptions } from "./ops/matmul/linear.ts";
export { matmul, type MatmulOptions } from "./ops/matmul/matmul.ts";
export { isInt8 } from "./ops/matmul/packed-weight.ts";
export { batchNorm, batchNormTraining, type ChannelStatistics, type FoldedNorm } from "./ops/norm/batch-norm.ts";
export { layerNorm } from "./ops/norm/layer-norm.ts";
export { normalize } from "./ops/norm/normalize.ts";
export { argmax, argmin, type Axes, max, mean, min, type ReduceOptions, sum } from "./ops/reduce/reduce.ts";
export { logSoftmax, softmax } from "./ops/reduce/softmax.ts";
export { broadcastTo } from "./ops/shape/broadcast.ts";
export { embedding, gatherTokens } from "./ops/shape/gather.ts";
export { interpolate, type Interpolation } from "./ops/shape/interpolate.ts";
export { permute, transpose } from "./ops/shape/permute.ts";
export { flatten, reshape, squeeze, unsqueeze } from "./ops/shape/reshape.ts";
export { concat, slice, split, stack } from "./ops/shape/slice.ts";

export type { AttentionContext } from "./nn/attention-context.ts";
export { BatchNorm2d } from "./nn/batch-norm2d.ts";
export { type BlockOptions, BranchNormBlock, PostNormBlock, PreNormBlock, type TokenMixer } from "./nn/blocks.ts";
export { Conv2d, type Conv2dOptions } from "./nn/conv2d.ts";
export { CrossAttention, type CrossAttentionOptions } from "./nn/cross-attention.ts";
export { DropPath, dropPathRate } from "./nn/drop-path.ts";
export { Dropout } from "./nn/dropout.ts";
export { Embedding } from "./nn/embedding.ts";
export { FeedForward, type FeedForwardOptions } from "./nn/feed-forward.ts";
export { fillNormal, fillOnes, fillTruncatedNormal, fillXavierUniform, fillZeros } from "./nn/initializers.ts";
export { GatedFeedForward } from "./nn/gated-feed-forward.ts";
export { KeyValueCache } from "./nn/key-value-cache.ts";
export { LatentPool, type LatentPoolOptions } from "./nn/latent-pool.ts";
export { LayerNorm } from "./nn/layer-norm.ts";
export { LayerScale } from "./nn/layer-scale.ts";
export { Linear } from "./nn/linear.ts";
export { Module } from "./nn/module.ts";
export { paddingMask } from "./nn/padding-mask.ts";
export { PatchEmbedding } from "./nn/patch-embedding.ts";
export { quantize } from "./nn/quantize.ts";
export { SelfAttention, type SelfAttentionOptions } from "./nn/self-attention.ts";
export { summary } from "./nn/summary.ts";
export { Trace, type TraceOptions } from "./nn/trace.ts";

export { binaryCrossEntropy } from "./loss/binary-cross-entropy.ts";
export { cachedLoss } from "./loss/cached-loss.ts";
export { crossEntropy, type CrossEntropyOptions, crossEntropyPerRow } from "./loss/cross-entropy.ts";
export { meanSquaredError } from "./loss/mean-squared-error.ts";

export { AdamW, type AdamWOptions, decayMatricesOnly } from "./optim/adamw.ts";
export { layerDecayGroups, type LayerDecayOptions } from "./optim/layer-decay.ts";
export { clipGradientNorm } from "./optim/clip-gradient-norm.ts";
export { Optimizer, type OptimizerState, type ParameterGroup, type ParameterState, type Update } from "./optim/optimizer.ts";
export { constant, cosineWithWarmup, linearWithWarmup, noam, type Schedule } from "./optim/schedule.ts";
export { SGD, type SGDOptions } from "./optim/sgd.ts";

export type { BatchOptions } from "./loops/batches.ts";
export type { ItemErrors } from "./loops/item-errors.ts";
export type { Ranked } from "./loops/ranked.ts";
export { train, type TrainOptions, type TrainReport } from "./loops/train.ts";

export { LoRA } from "./lora/lora.ts";
export type { LoRAOptions, LoRAPretrainedOptions } from "./lora/options.ts";
export type { AdaptableModel, TargetModules } from "./lora/projections.ts";

export { type CheckpointOptions, openCheckpoint } from "./checkpoint/checkpoint.ts";
export { filesToLoad, type FileToLoad } from "./checkpoint/files-to-load.ts";
export type { Checkpoint, ReadOptions } from "./checkpoint/contents.ts";
export type { SaveLocation, SaveOptions } from "./checkpoint/save-safetensors.ts";
export type { FileBytes } from "./files/memory.ts";
export type { Progress } from "./files/source-file.ts";
export type { SourceLocation, SourceOptions } from "./files/source.ts";
export type { StoredDType } from "./formats/dtype.ts";
export type { CheckpointEntry } from "./formats/stored-tensor.ts";
export type { Labels } from "./pretrained/labels.ts";
export type { PretrainedOptions } from "./pretrained/load-pretrained.ts";
