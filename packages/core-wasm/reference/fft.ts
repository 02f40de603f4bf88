/** Specification of assembly/fft.ts: the sums of its header, term by term. */
import { generate, type Numbers, total } from "./numbers.ts";

/** x (rows, n, 2) → y (rows, n, 2), real and imaginary part side by side. */
export function fft(x: Numbers, length: number, inverse: boolean): Float64Array {
  const sign = inverse ? 1 : -1;
  const factor = inverse ? 1 / length : 1;
  return generate(x.length, (i) => {
    const row = i - (i % (2 * length));
    const k = Math.floor((i % (2 * length)) / 2);
    const sum = total(length, (j) => {
      const angle = (sign * 2 * Math.PI * ((j * k) % length)) / length;
      const [re, im] = [x[row + 2 * j]!, x[row + 2 * j + 1]!];
      return i % 2 === 0 ? re * Math.cos(angle) - im * Math.sin(angle) : re * Math.sin(angle) + im * Math.cos(angle);
    });
    return factor * sum;
  });
}
