import { backward, Embedding, type Module, noGrad, type Parameter, scope, type Tensor } from "@x/layers";
import { expect } from "vitest";
import { normal } from "./draws.ts";

/** Random directions for each parameter, beside the gradient's own. */
const DIRECTIONS = 3;
/**
 * How far a step may move a weight, and how far it is meant to move the loss: so little that the third derivative and the kinks of a few hundred relus
 * stay below 1 %.
 */
const [LONGEST_STEP, LOSS_STEP] = [1e-2, 3e-5];
/** What float32 may add to each of two losses, relative to it. Measured: 1 unit in the last place. */
const ROUNDING = 2 ** -22;

/**
 * The loss's slope by every parameter along directions r against its gradient g: L(w + εr) − L(w − εr) = ⟨g, 2εr⟩ + O(ε³).
 *
 * Along random directions of N(0, 1), an error e in g shows as ⟨e, 2εr⟩, about 2ε|e|, whichever elements it is in; along g/|g|, a wrong length shows
 * whole. So what counts is the difference relative to 2ε|g|, not to the loss or to 1: a gradient of 0.001 is held to the same digits as one of 10.
 * A parameter without a gradient has to have no slope. An embedding's row for padding isn't moved: it is left untrained on purpose.
 *
 * @param tolerance of the slope's usual size, beside what rounding explains. Default 1 %
 */
export function expectGradientsAreSlopes(model: Module, loss: () => Tensor, tolerance = 0.01): void {
  scope(() => backward(loss()));
  for (const [path, parameter] of model.namedParameters()) {
    if (!parameter.requiresGrad) continue;
    const weights = parameter.toTypedArray();
    const gradient = parameter.grad?.toTypedArray() ?? new Float32Array(parameter.size);
    const norm = Math.sqrt(inner(gradient, gradient));
    const step = Math.min(LONGEST_STEP, LOSS_STEP / norm);
    const lossAt = (values: Float32Array): number => {
      parameter.data.set(values);
      return noGrad(() => loss().item());
    };
    const drawn = Array.from({ length: DIRECTIONS }, (_, seed) => scope(() => normal(parameter.shape, seed).toTypedArray()));
    for (const direction of [gradient.map((slope) => norm && slope / norm), ...drawn]) {
      const [, width = 0] = parameter.shape;
      for (const id of paddingIds(model, parameter)) direction.fill(0, id * width, (id + 1) * width);
      const moved = (by: number): Float32Array => weights.map((weight, i) => weight + by * (direction[i] ?? 0));
      const [above, below] = [moved(step), moved(-step)];
      const [high, low] = [lossAt(above), lossAt(below)];
      const taken = above.map((weight, i) => weight - (below[i] ?? 0)); // the step as float32 has it
      const [found, expected] = [high - low, inner(gradient, taken)];
      const allowed = tolerance * 2 * step * norm + ROUNDING * (Math.abs(high) + Math.abs(low));
      expect(Math.abs(found - expected), `${path}: the loss moves by ${found}, by its gradient ${expected}`).toBeLessThan(allowed);
    }
    lossAt(weights);
  }
  model.zeroGrad();
}

const paddingIds = (module: Module, weight: Parameter): number[] => [
  ...(module instanceof Embedding && module.weight === weight && module.paddingId !== undefined ? [module.paddingId] : []),
  ...[...module.namedChildren()].flatMap(([, child]) => paddingIds(child, weight)),
];

/** In float64. */
const inner = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
