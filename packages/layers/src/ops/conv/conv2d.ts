import { record } from "../../autograd/tape.ts";
import { checkOptions } from "../../options.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { add } from "../elementwise/arithmetic.ts";
import { reshape } from "../shape/reshape.ts";
import { Convolution, type ConvOptions, convRules } from "./convolution.ts";

/**
 * Two-dimensional convolution (cross-correlation, as in all libraries): x (B, C, H, W), weight (out, C, K, K), bias (out) →
 * (B, out, H', W') with H' = ⌊(H + 2 · padding − K) / stride⌋ + 1, W' alike. Done as matrix products over the pixels under the kernel.
 * @throws ShapeError when the channels or bias don't fit, the kernel isn't square, or the image is smaller than it
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  checkOptions("conv2d", options, convRules);
  const { stride = 1, padding = 0 } = options;
  checkFloats("conv2d", { x, weight }, { bias });
  const conv = new Convolution(x.shape, weight.shape, bias?.shape, stride, padding);
  const y = empty(conv.outputShape);
  conv.forward(x, weight, y);
  record("conv2d", y, [x, weight], (dy) => [
    () => {
      const dx = empty(x.shape);
      conv.inputGradient(weight, dy, dx);
      return dx;
    },
    () => {
      const dw = empty(weight.shape);
      conv.weightGradient(x, dy, dw);
      return dw;
    },
  ]);
  return bias ? add(y, reshape(bias, [-1, 1, 1])) : y;
}
