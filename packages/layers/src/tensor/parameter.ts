import { TensorError, formatShape } from "../errors.ts";
import { engine } from "./engine.ts";
import { keep } from "./scope.ts";
import { checkShape, sameShape, type Shape, sizeOf } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/** A tensor that is learned. It lives until disposed of, outside every scope. */
export class Parameter extends Tensor {
  /** Whether a checkpoint is about to fill it: initialisers pass over it. Default false. */
  awaited = false;

  /** A parameter of whatever was in memory: to be initialised or loaded. It takes memory from its first use on. */
  constructor(shape: Shape) {
    checkShape("Parameter", shape);
    super(shape, "float32", engine().reserve(4 * sizeOf(shape)), 0);
    this.requiresGrad = true;
    keep(this);
  }

  /** @internal Exchanges the elements with another parameter's of this shape, without a copy. Gradients are forgotten. */
  exchange(other: Parameter): void {
    if (!sameShape(this.shape, other.shape)) {
      throw new TensorError(`exchange: ${formatShape(this.shape)} and ${formatShape(other.shape)} differ`);
    }
    for (const parameter of [this, other]) parameter.zeroGrad();
    Tensor.exchangeBlocks(this, other);
  }

  /** Frees the gradient. */
  zeroGrad(): void {
    this.grad?.dispose();
    this.grad = undefined;
  }
}
