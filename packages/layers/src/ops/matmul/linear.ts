import { needsTape, record } from "../../autograd/tape.ts";
import { ShapeError, TensorError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkOptions, type RulesOf } from "../../options.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { Parameter } from "../../tensor/parameter.ts";
import { lastOf, sizeOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { activate, type Activation, anActivation } from "../elementwise/activate.ts";
import { multiplyInt8 } from "./int8-matmul.ts";
import { type Matrix, multiplyMatrices, type Panels } from "./matrix-product.ts";
import { forgetPanels, int8PanelsOf, panelsOf } from "./packed-weight.ts";

export interface LinearOptions {
  /** Applied to the result; without gradients it is fused with the multiplication. */
  readonly activation?: Activation | undefined;
}

export const linearRules: RulesOf<LinearOptions> = { activation: anActivation };

/**
 * activation(x · weightᵀ + bias): x (…, in), weight (out, in) or with more axes that flatten to `in`, bias (out) → (…, out).
 * With a weight that is kept as int8, x is brought to eight bits row by row, too; there are no gradients then.
 * @throws ShapeError when the lengths don't fit
 * @throws TensorError when a gradient is to be recorded through an int8 weight
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor, options: LinearOptions = {}): Tensor {
  checkOptions("linear", options, linearRules);
  const { activation } = options;
  checkFloats("linear", { x, weight }, { bias });
  const [outFeatures = 0] = weight.shape;
  const inFeatures = lastOf(x.shape);
  if (weight.size !== outFeatures * inFeatures || (bias && (bias.shape.length !== 1 || bias.shape[0] !== outFeatures))) {
    const rule = "the last axis of x must equal the second of weight, and bias the first";
    throw new ShapeError("linear", rule, { x: x.shape, weight: weight.shape, bias: bias?.shape });
  }
  const inputs = bias ? [x, weight, bias] : [x, weight];
  const fused = needsTape(inputs) ? undefined : activation;
  const [m, k, n] = [sizeOf(x.shape.slice(0, -1)), inFeatures, outFeatures];
  const panels = weight instanceof Parameter ? int8PanelsOf(weight) : undefined;
  if (panels !== undefined && needsTape(inputs)) {
    throw new TensorError("linear: the weight is kept as int8, which is for inference only; use noGrad, or float32 to train");
  }
  const y = empty([...x.shape.slice(0, -1), outFeatures]);
  const product = { m, k, n, y, bias, activation: fused };
  if (panels !== undefined) multiplyInt8({ ...product, x, panels });
  else multiplyMatrices({ ...product, a: rowMajor(x, k), b: packedTranspose(weight, x) });

  if (weight instanceof Parameter && needsTape(inputs)) forgetPanels(weight); // training wants the rows, and nothing is held twice

  record("linear", y, inputs, (dy) => [
    () => {
      const dx = empty(x.shape);
      multiplyMatrices({ m, k: n, n: k, a: rowMajor(dy, n), b: rowMajor(weight, k), y: dx });
      return dx;
    },
    () => {
      const dw = empty(weight.shape);
      multiplyMatrices({ m: n, k: m, n: k, a: transposed(dy, n), b: rowMajor(x, k), y: dw });
      return dw;
    },
    () => {
      const db = empty([n]);
      kernels().sum({ x: dy, y: db, outer: 1, axis: m, inner: n });
      return db;
    },
  ]);
  return activation && !fused ? activate(y, activation) : y;
}

/** weight (out, in) seen as (in, out). A matrix that nothing will be trained with is packed once and stays so; the gradient of x wants its rows. */
export function packedTranspose(weight: Tensor, x: Tensor): Matrix | Panels {
  if (weight instanceof Parameter && !needsTape([x, weight])) return { panels: panelsOf(weight) };
  return transposed(weight, lastOf(x.shape));
}

export const rowMajor = (x: Tensor, columns: number): Matrix => ({ first: x, rowStride: columns, columnStride: 1 });

const transposed = (x: Tensor, columns: number): Matrix => ({ first: x, rowStride: 1, columnStride: columns });
