/** Specification of assembly/softmax.ts. */
import { generate, greatest, type Numbers, total } from "./numbers.ts";

export function softmax(x: Numbers, columns: number): Float64Array {
  return logSoftmax(x, columns).map(Math.exp);
}

/** y is softmax's output. */
export function softmaxBackward(y: Numbers, dy: Numbers, columns: number): Float64Array {
  return generate(y.length, (i) => {
    const first = i - (i % columns);
    return y[i]! * (dy[i]! - total(columns, (c) => y[first + c]! * dy[first + c]!));
  });
}

export function logSoftmax(x: Numbers, columns: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let first = 0; first < x.length; first += columns) {
    const m = greatest(columns, (c) => x[first + c]!);
    const sum = total(columns, (c) => Math.exp(x[first + c]! - m));
    for (let c = 0; c < columns; c++) y[first + c] = m === -Infinity ? -Infinity : x[first + c]! - m - Math.log(sum);
  }
  return y;
}

/** y is logSoftmax's output. */
export function logSoftmaxBackward(y: Numbers, dy: Numbers, columns: number): Float64Array {
  return generate(y.length, (i) => {
    const first = i - (i % columns);
    return dy[i]! - Math.exp(y[i]!) * total(columns, (c) => dy[first + c]!);
  });
}
