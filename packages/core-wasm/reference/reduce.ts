/** Specification of assembly/reduce.ts, over an (outer, axis, inner) view. */
import { generate, greatest, type Numbers, total } from "./numbers.ts";

/** f(y's index, the place in x of its element a) */
function reduce(length: number, axis: number, inner: number, f: (place: (a: number) => number, o: number) => number): Float64Array {
  return generate(length / axis || 0, (o) => {
    const first = Math.floor(o / inner) * axis * inner + (o % inner);
    return f((a) => first + a * inner, o);
  });
}

export function sum(x: Numbers, axis: number, inner: number): Float64Array {
  return reduce(x.length, axis, inner, (place) => total(axis, (a) => x[place(a)]!));
}

export function mean(x: Numbers, axis: number, inner: number): Float64Array {
  return sum(x, axis, inner).map((s) => s / axis);
}

export function max(x: Numbers, axis: number, inner: number): Float64Array {
  return reduce(x.length, axis, inner, (place) => greatest(axis, (a) => x[place(a)]!));
}

export function min(x: Numbers, axis: number, inner: number): Float64Array {
  return reduce(x.length, axis, inner, (place) => -greatest(axis, (a) => -x[place(a)]!));
}

/** Of max and of min. */
export function extremeBackward(x: Numbers, y: Numbers, dy: Numbers, axis: number, inner: number): Float64Array {
  const dx = new Float64Array(x.length);
  reduce(x.length, axis, inner, (place, o) => {
    const ties = total(axis, (a) => (x[place(a)] === y[o] ? 1 : 0));
    for (let a = 0; a < axis; a++) dx[place(a)] = x[place(a)] === y[o] ? dy[o]! / ties : 0;
    return 0;
  });
  return dx;
}

export function argmax(x: Numbers, columns: number): Int32Array {
  const rows = x.length / columns || 0;
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let i = 1; i < columns; i++) {
      const v = x[row * columns + i]!;
      const b = x[row * columns + best]!;
      if (!Number.isNaN(b) && (v > b || Number.isNaN(v))) best = i;
    }
    return best;
  });
}
