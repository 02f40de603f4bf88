import { needsTape } from "../../autograd/tape.ts";
import { ShapeError, TensorError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { aTensor, checkOptions, type RulesOf } from "../../options.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { Parameter } from "../../tensor/parameter.ts";
import { sameShape } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { activate, type Activation, anActivation } from "../elementwise/activate.ts";
import type { FoldedNorm } from "../norm/batch-norm.ts";
import { Convolution, type ConvOptions, convRules } from "./convolution.ts";
import { winogradConvolution } from "./winograd.ts";

export interface ConvBatchNormOptions extends ConvOptions {
  /** (B, out, H', W'), added before the activation. */
  readonly residual?: Tensor | undefined;
  readonly activation?: Activation | undefined;
}

const rules: RulesOf<ConvBatchNormOptions> = { ...convRules, residual: aTensor, activation: anActivation };

/**
 * activation(batchNorm(conv2d(x, weight)) + residual) at once, for inference. x (B, C, H, W), weight (out, C, K, K) → (B, out, H', W').
 *
 * It is one matrix product, in which the norm's scale goes into the weight and its shift becomes a bias. A parameter of 3 × 3 with stride 1 and no
 * residual takes fewer multiplications (winograd.ts) and keeps its transform, 16/9 of its own size, until it changes.
 * @throws ShapeError when the lengths don't fit
 * @throws TensorError when a gradient is to be recorded: then use the ops that it is made of
 */
export function convBatchNorm(x: Tensor, weight: Tensor, norm: FoldedNorm, options: ConvBatchNormOptions = {}): Tensor {
  checkOptions("convBatchNorm", options, rules);
  const { stride = 1, padding = 0, residual, activation } = options;
  const { mean, variance, weight: scale, bias, eps: epsilon } = norm;
  checkFloats("convBatchNorm", { x, weight, mean, variance, scale, bias }, { residual });
  const inputs = [x, weight, scale, bias, ...(residual ? [residual] : [])];
  if (needsTape(inputs)) throw new TensorError("convBatchNorm has no gradient: use conv2d and batchNorm to train");
  const conv = new Convolution(x.shape, weight.shape, bias.shape, stride, padding);
  if (residual && !sameShape(residual.shape, conv.outputShape)) {
    throw new ShapeError("convBatchNorm", "residual must have the result's shape", { residual: residual.shape, result: conv.outputShape });
  }
  const y = empty(conv.outputShape);
  if (weight instanceof Parameter && weight.shape[2] === 3 && stride === 1 && !residual) {
    winogradConvolution(x, weight, norm, y, { padding, floor: activation === "relu" ? 0 : -Infinity });
    return activation && activation !== "relu" ? activate(y, activation) : y;
  }
  const [out = 0] = weight.shape;
  using folded = empty([out, conv.taps + 1]);
  kernels().foldBatchNorm({ kernel: weight, mean, variance, weight: scale, bias, folded, channels: out, k: conv.taps, epsilon });
  if (residual) y.data.set(residual.data);
  conv.forwardWithBias(x, folded, y, { activation, accumulate: residual !== undefined });
  return y;
}
