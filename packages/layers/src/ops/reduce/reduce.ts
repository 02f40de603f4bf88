import { noGrad } from "../../autograd/grad-mode.ts";
import { record } from "../../autograd/tape.ts";
import { ArgumentError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { aFlag, checkOptions, type RulesOf } from "../../options.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { resolveAxis, type Shape, sizeOf } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { scaleAndShift } from "../elementwise/arithmetic.ts";
import { negate } from "../elementwise/unary.ts";
import { broadcastTo } from "../shape/broadcast.ts";
import { permute } from "../shape/permute.ts";
import { reshape } from "../shape/reshape.ts";

/** What a reduction goes over: one axis, or several. Negative ones count from the end. */
export type Axes = number | readonly number[];

export interface ReduceOptions {
  /** Whether the axes stay, with length 1, so that the result broadcasts against x. Default false: they go away. */
  readonly keepAxes?: boolean | undefined;
}

const rules: RulesOf<ReduceOptions> = { keepAxes: aFlag };

/** Σ over the axes; without axes over all elements, to a scalar (). Sums are kept in float64. @throws TensorError when there is no such axis */
export function sum(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return reduced("sum", x, axes, options, repeated);
}

/** The mean over the axes; without axes over all elements, to a scalar (). @throws TensorError when there is no such axis */
export function mean(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return reduced("mean", x, axes, options, (dy, reduction) => scaleAndShift(repeated(dy, reduction), 1 / reduction.axis, 0));
}

/**
 * The greatest over the axes, or over all elements; NaN if one is there. Equal ones share the gradient, as in PyTorch's `amax`.
 * @throws TensorError when there is no such axis
 */
export function max(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return reduced("max", x, axes, options, shared);
}

/** The least over the axes, or over all elements; all else as in `max`. @throws TensorError when there is no such axis */
export function min(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return reduced("min", x, axes, options, shared);
}

/** Index of the greatest along the last axis, which goes away: (…, K) → (…). The first of equals; NaN counts as the greatest. */
export function argmax(x: Tensor): Tensor<"int32"> {
  checkFloats("argmax", { x });
  const length = x.shape.at(-1) ?? 1;
  const indices = empty(x.shape.slice(0, -1), "int32");
  kernels().argmax({ x, indices, rows: indices.size, columns: length });
  return indices;
}

/** Index of the least along the last axis, which goes away: (…, K) → (…). The first of equals; NaN counts as the least. */
export function argmin(x: Tensor): Tensor<"int32"> {
  checkFloats("argmin", { x });
  return noGrad(() => argmax(negate(x)));
}

/** x seen as (outer, axis, inner), and y as (outer, inner). */
interface Reduction {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
}

function reduced(
  op: "sum" | "mean" | "max" | "min",
  x: Tensor,
  axes: Axes | undefined,
  options: ReduceOptions = {},
  gradient: (dy: Tensor, reduction: Reduction) => Tensor,
): Tensor {
  checkFloats(op, { x });
  checkOptions(op, options, rules);
  const { keepAxes = false } = options;
  const gone = resolveAxes(op, axes, x.shape);
  const left = [...x.shape.keys()].filter((axis) => !gone.includes(axis));
  const shape = x.shape.flatMap((length, axis) => (left.includes(axis) ? [length] : keepAxes ? [1] : []));
  const [first = 0] = gone;
  if (gone.some((axis, i) => axis !== first + i)) {
    const behind = permute(x, [...left, ...gone]);
    const over = gone.map((_, i) => left.length + i);
    return reshape(reduced(op, behind, over, {}, gradient), shape);
  }
  const reduction: Reduction = {
    x,
    y: empty(shape),
    outer: sizeOf(x.shape.slice(0, first)),
    axis: sizeOf(x.shape.slice(first, first + gone.length)),
    inner: sizeOf(x.shape.slice(first + gone.length)),
  };
  kernels()[op](reduction);
  return record(op, reduction.y, [x], (dy) => [() => gradient(dy, reduction)]);
}

/** dy for every element that went into it. */
function repeated(dy: Tensor, { x, outer, axis, inner }: Reduction): Tensor {
  return broadcastTo(dy.view([outer, 1, inner]), [outer, axis, inner]).view(x.shape);
}

/** dy for the elements that are the extreme. */
function shared(dy: Tensor, reduction: Reduction): Tensor {
  const dx = empty(reduction.x.shape);
  kernels().extremeBackward({ ...reduction, dy, dx });
  return dx;
}

/** In order; all of them without any given. */
function resolveAxes(op: string, axes: Axes | undefined, shape: Shape): number[] {
  if (axes === undefined) return [...shape.keys()];
  const given = typeof axes === "number" ? [axes] : axes;
  const resolved = given.map((axis) => resolveAxis(op, axis, shape)).toSorted((a, b) => a - b);
  if (resolved.length === 0 || new Set(resolved).size < resolved.length) {
    throw new ArgumentError(op, "axes must name an axis or more, and none twice", `are [${given.join(", ")}]`);
  }
  return resolved;
}
