import { fftPlan } from "@x/core-wasm";
import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { engine, kernels } from "../../tensor/engine.ts";
import { aFlag, checkOptions, type RulesOf } from "../../options.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { scaleAndShift } from "../elementwise/arithmetic.ts";

export interface FftOptions {
  /** The inverse, which divides by N. Default false. */
  readonly inverse?: boolean | undefined;
}

const rules: RulesOf<FftOptions> = { inverse: aFlag };

/**
 * Discrete Fourier transform of complex numbers, y[k] = Σⱼ x[j]·e^(−2πijk/N): x (…, N, 2) → (…, N, 2), real and imaginary parts side by side,
 * of any N in O(N·log N). @throws ShapeError when the last axis isn't 2
 */
export function fft(x: Tensor, options: FftOptions = {}): Tensor {
  checkOptions("fft", options, rules);
  const { inverse = false } = options;
  checkFloats("fft", { x });
  if (x.shape.length < 2 || x.shape.at(-1) !== 2) throw new ShapeError("fft", "x must be (…, N, 2)", { x: x.shape });
  const length = x.shape.at(-2) ?? 0;
  // The adjoint of F is N times its inverse.
  return record("fft", transformed(x, inverse), [x], (dy) => [
    () => scaleAndShift(transformed(dy, !inverse), inverse ? 1 / length : length, 0),
  ]);
}

function transformed(x: Tensor, inverse: boolean): Tensor {
  const y = empty(x.shape);
  if (x.size === 0) return y;
  const length = x.shape.at(-2) ?? 0;
  const rows = x.size / (2 * length);
  kernels().fft({ x, y, ...fftPlan(engine(), length), rows, length, inverse });
  return y;
}
