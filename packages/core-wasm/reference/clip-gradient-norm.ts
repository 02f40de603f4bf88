/** Specification of assembly/clip-gradient-norm.ts. */
import { type Numbers, total } from "./numbers.ts";

/** sumOfSquaresPartials followed by sumOfPartials. */
export function sumOfSquares(x: Numbers): number {
  return total(x.length, (i) => x[i]! ** 2);
}
