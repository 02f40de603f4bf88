/** Specification of assembly/parts/binary.ts: shapes broadcast as in NumPy, and the Broadcast kernels are the general case. */
import { generate, type Numbers } from "./numbers.ts";

/** The shape two shapes broadcast to, axes aligned at the end. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, k) => {
    const an = a[k - rank + a.length] ?? 1;
    const bn = b[k - rank + b.length] ?? 1;
    return an === 1 ? bn : an;
  });
}

/** Where the operand of shape `shape` has the element that lands on `index` of the output. */
function position(index: number, output: readonly number[], shape: readonly number[]): number {
  let rest = index;
  let stride = 1;
  let place = 0;
  for (let k = 1; k <= shape.length; k++) {
    const length = shape[shape.length - k]!;
    const outer = output[output.length - k]!;
    if (length !== 1) place += (rest % outer) * stride;
    rest = Math.floor(rest / outer);
    stride *= length;
  }
  return place;
}

/** y = f(a, b), element by element. */
export function combine(f: (a: number, b: number) => number): Binary {
  return (a, b, aShape = [a.length], bShape = [b.length]) => {
    const shape = broadcastShape(aShape, bShape);
    return generate(
      shape.reduce((n, m) => n * m, 1),
      (i) => f(a[position(i, shape, aShape)]!, b[position(i, shape, bShape)]!),
    );
  };
}

export type Binary = (a: Numbers, b: Numbers, aShape?: readonly number[], bShape?: readonly number[]) => Float64Array;
