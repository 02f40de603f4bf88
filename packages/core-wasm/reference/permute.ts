/** Specification of assembly/permute.ts. */
import { generate, type Numbers } from "./numbers.ts";

/** y[i₀…] = x[Σ iₖ·strides[k]], y contiguous with the given shape. */
export function permute(x: Numbers, shape: readonly number[], strides: readonly number[]): Float64Array {
  return generate(
    shape.reduce((n, m) => n * m, 1),
    (i) => {
      let rest = i;
      let place = 0;
      for (let k = shape.length - 1; k >= 0; k--) {
        place += (rest % shape[k]!) * strides[k]!;
        rest = Math.floor(rest / shape[k]!);
      }
      return x[place]!;
    },
  );
}
