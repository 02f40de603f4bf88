import { at, fftPlan, fourierMixPanelsLength } from "@x/core-wasm";
import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { engine, kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * Re F_N(F_D(x)), the real part of the two-dimensional discrete Fourier transform over the last two axes, not normalised:
 * y[k, d] = Σₙₕ cos(2π(nk/N + hd/D))·x[n, h]. Lee-Thorp et al. 2022 ("FNet"), eq. 3. x (…, N, D) → (…, N, D), of any lengths, in
 * O(ND·log ND); those of factors 2, 3 and 5 are two to three times as fast as others. @throws ShapeError when x has less than two axes
 */
export function fourierMix(x: Tensor): Tensor {
  checkFloats("fourierMix", { x });
  if (x.shape.length < 2) throw new ShapeError("fourierMix", "x must be (…, N, D)", { x: x.shape });
  return record("fourierMix", mixed(x), [x], (dy) => [() => mixed(dy)]); // the cosines are a symmetric matrix
}

/** Numbers that both passes work on before the next samples: so many stay in a core's cache from one to the other. */
const TOGETHER = 2 ** 18;

function mixed(x: Tensor): Tensor {
  const [rows = 0, columns = 0] = x.shape.slice(-2);
  const y = empty(x.shape);
  if (x.size === 0) return y;
  const size = rows * columns;
  const samples = x.size / size;
  const together = Math.min(samples, Math.ceil(TOGETHER / size));
  using panels = empty([fourierMixPanelsLength(together, rows, columns)]);
  for (let sample = 0; sample < samples; sample += together) {
    const batch = Math.min(together, samples - sample);
    kernels().fourierMixRows({ x: at(x, sample * size), r: panels, ...fftPlan(engine(), columns), batch, rows, columns });
    kernels().fourierMixColumns({ r: panels, y: at(y, sample * size), ...fftPlan(engine(), rows), batch, rows, columns });
  }
  return y;
}
