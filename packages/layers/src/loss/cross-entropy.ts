import { record } from "../autograd/tape.ts";
import { ShapeError, TensorError } from "../errors.ts";
import { mean, sum } from "../ops/reduce/reduce.ts";
import { scaleAndShift } from "../ops/elementwise/arithmetic.ts";
import { kernels } from "../tensor/engine.ts";
import { aShare, checkOptions, type RulesOf, wholeFrom } from "../options.ts";
import { checkFloats, checkInts } from "../tensor/operands.ts";
import { lastOf, sameShape } from "../tensor/shape.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";

export interface CrossEntropyOptions {
  /** Share of the target that is spread over all classes alike. Szegedy et al. 2016; Vaswani et al. 2017, §5.4. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Rows with this label count for nothing. Default −100. */
  readonly ignoreIndex?: number | undefined;
}

const rules: RulesOf<CrossEntropyOptions> = { labelSmoothing: aShare, ignoreIndex: wholeFrom(-(2 ** 31)) };

/**
 * Mean over the rows that aren't ignored of −log softmax(logits)[label]: logits (…, classes), labels (…) → ().
 * Without any such row it is 0 (where PyTorch gives NaN).
 * @throws ShapeError when labels don't have logits' shape without the last axis
 * @throws TensorError when a label is no class
 */
export function crossEntropy(logits: Tensor, labels: Tensor<"int32">, options: CrossEntropyOptions = {}): Tensor {
  const losses = crossEntropyPerRow(logits, labels, options);
  const { ignoreIndex = -100 } = options;
  const counted = labels.data.reduce((count, label) => count + (label === ignoreIndex ? 0 : 1), 0);
  return counted === labels.size ? mean(losses) : scaleAndShift(sum(losses), 1 / Math.max(counted, 1), 0);
}

/** −log softmax(logits)[label] for each row: logits (…, classes), labels (…) → (…); 0 where ignored. Throws as `crossEntropy` does. */
export function crossEntropyPerRow(logits: Tensor, labels: Tensor<"int32">, options: CrossEntropyOptions = {}): Tensor {
  checkOptions("crossEntropy", options, rules);
  const { labelSmoothing = 0, ignoreIndex = -100 } = options;
  checkFloats("crossEntropy", { logits });
  checkInts("crossEntropy", { labels });
  const classes = lastOf(logits.shape);
  if (!sameShape(logits.shape.slice(0, -1), labels.shape)) {
    throw new ShapeError("crossEntropy", "labels must have logits' shape without the last axis", {
      logits: logits.shape,
      labels: labels.shape,
    });
  }
  const wrong = labels.data.findIndex((label) => label !== ignoreIndex && (label < 0 || label >= classes));
  if (wrong >= 0) throw new TensorError(`crossEntropy: labels go from 0 to ${classes - 1}, but label ${wrong} is ${labels.data[wrong]}`);

  const losses = empty(labels.shape);
  const logSumExp = empty(labels.shape);
  const settings = { rows: labels.size, classes, ignoreIndex, smoothing: labelSmoothing };
  kernels().crossEntropy({ logits, labels, loss: losses, logSumExp, ...settings });
  return record("crossEntropy", losses, [logits], (dy) => [
    () => {
      const dx = empty(logits.shape);
      kernels().crossEntropyBackward({ logits, labels, logSumExp, dloss: dy, dlogits: dx, ...settings });
      return dx;
    },
  ]);
}
