/** Specification of assembly/interpolate.ts: a matrix of weights (outputs, axis), applied along one axis, or its transpose. */
import { generate, type Numbers, total } from "./numbers.ts";

type Filter = (distance: number) => number;

const triangle: Filter = (d) => Math.max(0, 1 - Math.abs(d));

/** Keys 1981, equation 4. */
const keys =
  (a: number): Filter =>
  (distance) => {
    const d = Math.abs(distance);
    if (d < 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
    return d < 2 ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0;
  };

/** Taps beyond the ends repeat the end. */
function clampedWeights(filter: Filter, axis: number, outputs: number, scale: number): Float64Array {
  const w = new Float64Array(outputs * axis);
  for (let j = 0; j < outputs; j++) {
    const centre = (j + 0.5) * scale - 0.5;
    for (let k = Math.floor(centre) - 1; k <= Math.floor(centre) + 2; k++) {
      w[j * axis + Math.min(axis - 1, Math.max(0, k))]! += filter(k - centre);
    }
  }
  return w;
}

/** The filter widens where the axis shrinks; taps beyond the ends are dropped. */
function antialiasedWeights(filter: Filter, axis: number, outputs: number, scale: number): Float64Array {
  const w = generate(outputs * axis, (i) => {
    const centre = (Math.floor(i / axis) + 0.5) * scale - 0.5;
    return filter(((i % axis) - centre) / Math.max(1, scale));
  });
  return w.map((v, i) => v / total(axis, (k) => w[i - (i % axis) + k]!));
}

/** y[o, j, i] = Σ_k w[j, k] x[o, k, i] */
function apply(w: Numbers, x: Numbers, axis: number, outputs: number, inner: number): Float64Array {
  return generate((x.length / axis) * outputs || 0, (n) => {
    const outer = Math.floor(n / (outputs * inner));
    const j = Math.floor(n / inner) % outputs;
    return total(axis, (k) => w[j * axis + k]! * x[(outer * axis + k) * inner + (n % inner)]!);
  });
}

function applyTransposed(w: Numbers, dy: Numbers, axis: number, outputs: number, inner: number): Float64Array {
  const transposed = generate(w.length, (i) => w[(i % outputs) * axis + Math.floor(i / outputs)]!);
  return apply(transposed, dy, outputs, axis, inner);
}

export type Interpolation = "linear" | "cubic" | "cubicAntialias";

function weights(mode: Interpolation, axis: number, outputs: number, scale: number): Float64Array {
  if (mode === "linear") return clampedWeights(triangle, axis, outputs, scale);
  return mode === "cubic" ? clampedWeights(keys(-0.75), axis, outputs, scale) : antialiasedWeights(keys(-0.5), axis, outputs, scale);
}

export function interpolate(x: Numbers, axis: number, outputs: number, inner: number, scale: number, mode: Interpolation): Float64Array {
  return apply(weights(mode, axis, outputs, scale), x, axis, outputs, inner);
}

export function interpolateBackward(
  dy: Numbers,
  axis: number,
  outputs: number,
  inner: number,
  scale: number,
  mode: Interpolation,
): Float64Array {
  return applyTransposed(weights(mode, axis, outputs, scale), dy, axis, outputs, inner);
}
