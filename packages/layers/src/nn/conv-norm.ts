import { needsTape } from "../autograd/tape.ts";
import { activate, type Activation, anActivation } from "../ops/elementwise/activate.ts";
import { add } from "../ops/elementwise/arithmetic.ts";
import { convBatchNorm } from "../ops/conv/conv-batch-norm.ts";
import { aTensor, checkOptions, type RulesOf } from "../options.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { BatchNorm2d } from "./batch-norm2d.ts";
import type { Conv2d } from "./conv2d.ts";

export interface ConvNormOptions {
  /** (B, out, H', W'), added before the activation. Default none. */
  readonly residual?: Tensor | undefined;
  /** Default none. */
  readonly activation?: Activation | undefined;
}

const rules: RulesOf<ConvNormOptions> = { residual: aTensor, activation: anActivation };

/**
 * activation(norm(conv(x)) + residual): x (B, C, H, W) → (B, out, H', W'). In evaluation and without gradients all of it is done at once
 * (`convBatchNorm`), since the norm is a scale and a shift there.
 */
export function convNorm(x: Tensor, conv: Conv2d, norm: BatchNorm2d, options: ConvNormOptions = {}): Tensor {
  checkOptions("convNorm", options, rules);
  const { residual, activation } = options;
  const inputs = [x, conv.weight, norm.weight, norm.bias, ...(residual ? [residual] : [])];
  if (norm.training || conv.bias || conv.adapters.size > 0 || needsTape(inputs)) {
    const normed = norm.forward(conv.forward(x));
    const sum = residual ? add(normed, residual) : normed;
    return activation ? activate(sum, activation) : sum;
  }
  const { weight, bias, eps, runningMean: mean, runningVar: variance } = norm;
  const { stride, padding } = conv;
  return convBatchNorm(x, conv.weight, { weight, bias, mean, variance, eps }, { stride, padding, residual, activation });
}
