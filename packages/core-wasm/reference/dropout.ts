/** Specification of assembly/dropout.ts. */
import { generate, type Numbers } from "./numbers.ts";
import { type Stream, uniform } from "./random.ts";

/** The gradient is the same function of dy. */
export function dropout(x: Numbers, keep: number, stream: Stream): Float64Array {
  const u = uniform(x.length, stream);
  return generate(x.length, (i) => (u[i]! < keep ? x[i]! / keep : 0));
}
