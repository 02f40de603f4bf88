/**
 * Resampling along one axis of an (outer, axis, inner) view; an image takes two passes, rows then columns. A position table
 * (H, W, D) is outer 1, inner W·D and then outer H', inner D; planes (C, H, W) are outer C, inner W and then outer C·H',
 * inner 1.
 *
 *   y[j] = Σ_k f((k - c)/r) x[k] / Σ_k f((k - c)/r),  c = (j + ½)·scale - ½  (half-pixel centres, scale = axis / outputs)
 *
 * - linear, f(d) = 1 - |d|: torch's bilinear, align_corners=False.
 * - cubic, Keys' kernel (1981) with a = -0.75: torch's bicubic. In both r = 1 and taps beyond the ends repeat the end.
 * - cubicAntialias, a = -0.5: torch's bicubic with antialias=True (timm's position tables). Where the axis shrinks,
 *   r = scale; taps beyond the ends are dropped.
 *
 * Backward is the transpose, gathered: each input sums the outputs it reached, so threads never meet.
 */
import { Floats, FloatsOut } from "./parts/operands";

const enum Interpolation {
  Linear,
  Cubic,
  CubicAntialias,
}

/** f(d) */
function filter(mode: Interpolation, distance: f32): f32 {
  const d = abs(distance);
  if (mode == Interpolation.Linear) return max<f32>(0, 1 - d);
  const a: f32 = mode == Interpolation.Cubic ? -0.75 : -0.5;
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}

/** r, the width of the filter. */
// @ts-ignore: decorator
@inline
function widthOf(mode: Interpolation, scale: f32): f32 {
  return mode == Interpolation.CubicAntialias ? max<f32>(1, scale) : 1;
}

/** How far the filter reaches to either side, in inputs. */
// @ts-ignore: decorator
@inline
function reachOf(mode: Interpolation, scale: f32): f32 {
  return mode == Interpolation.Linear ? 1 : 2 * widthOf(mode, scale);
}

// @ts-ignore: decorator
@inline
function centreOf(output: i32, scale: f32): f32 {
  return (<f32>output + 0.5) * scale - 0.5;
}

// @ts-ignore: decorator
@inline
function firstTap(mode: Interpolation, centre: f32, reach: f32): i32 {
  const tap = <i32>floor(centre - reach) + 1;
  return mode == Interpolation.CubicAntialias ? max(0, tap) : tap;
}

// @ts-ignore: decorator
@inline
function lastTap(mode: Interpolation, centre: f32, reach: f32, axis: i32): i32 {
  const tap = <i32>floor(centre + reach);
  return mode == Interpolation.CubicAntialias ? min(axis - 1, tap) : tap;
}

/** Σ f over the output's taps from first to last that land on `input` (any input if it is negative) once clamped. */
function weightOn(input: i32, mode: Interpolation, centre: f32, width: f32, first: i32, last: i32, axis: i32): f32 {
  let total: f32 = 0;
  for (let tap = first; tap <= last; tap++) {
    if (input < 0 || min(axis - 1, max(0, tap)) == input) total += filter(mode, (<f32>tap - centre) / width);
  }
  return total;
}

/** y += weight · x */
function addWeighted(x: usize, y: usize, weight: f32, count: i32): void {
  const factor = f32x4.splat(weight);
  const body = x + (<usize>(count & ~3) << 2);
  const end = x + (<usize>count << 2);
  for (; x < body; x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), f32x4.mul(v128.load(x), factor)));
  for (; x < end; x += 4, y += 4) store<f32>(y, load<f32>(y) + load<f32>(x) * weight);
}

/**
 * x (outer, axis, inner) → y (outer, outputs, inner). Units: rows of y.
 * @units outer * outputs
 * @cost 16 * inner
 */
export function interpolate(
  x: Floats, y: FloatsOut, axis: i32, outputs: i32, inner: i32, scale: f32, mode: Interpolation, begin: i32, end: i32,
): void {
  const stride = <usize>inner << 2;
  const width = widthOf(mode, scale);
  const reach = reachOf(mode, scale);
  for (let unit = begin; unit < end; unit++) {
    const centre = centreOf(unit % outputs, scale);
    const first = firstTap(mode, centre, reach);
    const last = lastTap(mode, centre, reach, axis);
    const total = weightOn(-1, mode, centre, width, first, last, axis);
    const source = x + <usize>(unit / outputs * axis) * stride;
    const target = y + <usize>unit * stride;
    memory.fill(target, 0, stride);
    for (let tap = first; tap <= last; tap++) {
      const weight = filter(mode, (<f32>tap - centre) / width) / total;
      addWeighted(source + <usize>min(axis - 1, max(0, tap)) * stride, target, weight, inner);
    }
  }
}

/**
 * dy (outer, outputs, inner) → dx (outer, axis, inner). Units: rows of dx.
 * @units outer * axis
 * @cost 16 * inner
 */
export function interpolateBackward(
  dy: Floats, dx: FloatsOut, axis: i32, outputs: i32, inner: i32, scale: f32, mode: Interpolation, begin: i32, end: i32,
): void {
  const stride = <usize>inner << 2;
  const width = widthOf(mode, scale);
  const reach = reachOf(mode, scale);
  for (let unit = begin; unit < end; unit++) {
    const input = unit % axis;
    const source = dy + <usize>(unit / axis * outputs) * stride;
    const target = dx + <usize>unit * stride;
    // Outputs whose centres lie within reach; an end also answers for the taps beyond it.
    const low = input == 0 ? 0 : max(0, <i32>((<f32>input - reach) / scale) - 1);
    const high = input == axis - 1 ? outputs - 1 : min(outputs - 1, <i32>((<f32>input + reach + 1) / scale) + 1);
    memory.fill(target, 0, stride);
    for (let output = low; output <= high; output++) {
      const centre = centreOf(output, scale);
      const first = firstTap(mode, centre, reach);
      const last = lastTap(mode, centre, reach, axis);
      const weight = weightOn(input, mode, centre, width, first, last, axis);
      if (weight == 0) continue;
      const total = weightOn(-1, mode, centre, width, first, last, axis);
      addWeighted(source + <usize>output * stride, target, weight / total, inner);
    }
  }
}
