import { checkArguments, fromZero } from "../../options.ts";
import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/** Each channel's mean and (biased) variance, (C) each. */
export interface ChannelStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** A batch norm at inference: all that it is made of, (C) each. */
export interface FoldedNorm extends ChannelStatistics {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly eps: number;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias, channel by channel, with statistics that are constants: inference. Ioffe & Szegedy 2015,
 * algorithm 2. x (B, C, …), all others (C) → (B, C, …). @throws ShapeError when one of them has another length
 */
export function batchNorm(x: Tensor, weight: Tensor, bias: Tensor, statistics: ChannelStatistics, eps: number): Tensor {
  return normalized("batchNorm", "batchNormInferenceBackward", x, weight, bias, statistics, eps);
}

/**
 * The same with the statistics of this batch, through which the gradient goes, too: training. Ioffe & Szegedy 2015, algorithm 1.
 * @returns the result, and the statistics for the running averages
 */
export function batchNormTraining(x: Tensor, weight: Tensor, bias: Tensor, eps: number): ChannelStatistics & { readonly y: Tensor } {
  checkFloats("batchNormTraining", { x, weight, bias });
  const [batch, channels, size] = extents(x);
  const statistics = { mean: empty([channels]), variance: empty([channels]) };
  kernels().batchNormStatistics({ x, ...statistics, batch, channels, size });
  return { y: normalized("batchNormTraining", "batchNormBackward", x, weight, bias, statistics, eps), ...statistics };
}

function normalized(
  op: string,
  backward: "batchNormBackward" | "batchNormInferenceBackward",
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { mean, variance }: ChannelStatistics,
  eps: number,
): Tensor {
  checkFloats(op, { x, weight, bias, mean, variance });
  checkArguments(op, fromZero, { eps });
  const [batch, channels, size] = extents(x);
  if (x.shape.length < 2 || ![weight, bias, mean, variance].every(({ shape }) => shape.length === 1 && shape[0] === channels)) {
    const shapes = { x: x.shape, weight: weight.shape, bias: bias.shape, mean: mean.shape, variance: variance.shape };
    throw new ShapeError(op, "x must be (B, C, …) and all others (C)", shapes);
  }
  const y = empty(x.shape);
  kernels().batchNorm({ x, mean, variance, weight, bias, y, batch, channels, size, epsilon: eps });
  return record(op, y, [x, weight, bias], (dy) => {
    let made: readonly [dx: Tensor, dw: Tensor, db: Tensor] | undefined;
    const gradients = () => {
      if (made) return made;
      const [dx, dw, db] = (made = [empty(x.shape), empty(weight.shape), empty(bias.shape)]);
      kernels()[backward]({ x, mean, variance, weight, dy, dx, dw, db, batch, channels, size, epsilon: eps });
      return made;
    };
    return [() => gradients()[0], () => gradients()[1], () => gradients()[2]];
  });
}

const extents = ({ shape: [batch = 0, channels = 0, ...rest] }: Tensor): [batch: number, channels: number, size: number] => [
  batch,
  channels,
  sizeOf(rest),
];
