/** Tensors as text, as NumPy prints arrays: long axes by their ends, four digits behind the point, columns under each other. */
import type { Shape } from "./shape.ts";

/** Of an axis that is too long, so many from either end are shown. */
const ENDS = 3;
const DIGITS = 4;

/** The numbers in brackets, a line for each row: `[[1, 2],\n [3, 4]]`. */
export function printNumbers(shape: Shape, values: Float32Array | Int32Array): string {
  const longest = values.length > 1000 ? 2 * ENDS : 10;
  const shown = (length: number): (number | undefined)[] =>
    length <= longest
      ? [...Array(length).keys()]
      : [...Array(ENDS).keys(), undefined, ...Array.from({ length: ENDS }, (_, i) => length - ENDS + i)];

  const numbers: number[] = [];
  const gather = (axis: number, from: number, size: number): void => {
    const length = shape[axis];
    if (length === undefined) numbers.push(values[from] ?? Number.NaN);
    else for (const i of shown(length)) if (i !== undefined) gather(axis + 1, from + (i * size) / length, size / length);
  };
  gather(0, 0, values.length);
  const texts = written(numbers, values instanceof Int32Array);
  const width = Math.max(0, ...texts.map((text) => text.length));

  let next = 0;
  const print = (axis: number): string => {
    const length = shape[axis];
    if (length === undefined) return (texts[next++] ?? "").padStart(shape.length === 0 ? 0 : width);
    const isLast = axis === shape.length - 1;
    const items = shown(length).map((i) => (i === undefined ? "…" : print(axis + 1)));
    const gap = isLast ? ", " : `,${"\n".repeat(shape.length - 1 - axis)}${" ".repeat(axis + 1)}`;
    return `[${items.join(gap)}]`;
  };
  return print(0);
}

/** All in the same way: plainly with as many digits as one of them needs, or with exponents where they are too far apart. */
function written(numbers: readonly number[], isWhole: boolean): string[] {
  if (isWhole) return numbers.map(String);
  const sizes = numbers.map(Math.abs).filter((size) => size > 0 && size < Infinity);
  const [least, greatest] = [Math.min(...sizes), Math.max(...sizes)];
  const usesExponents = sizes.length > 0 && (greatest >= 1e8 || least < 10 ** -DIGITS || greatest / least > 1000);
  const digits = Math.max(0, ...numbers.map((value) => (/\.(\d*?)0*$/.exec(value.toFixed(DIGITS))?.[1] ?? "").length));
  const write = (value: number): string => (usesExponents ? value.toExponential(DIGITS) : value.toFixed(digits));
  return numbers.map((value) => (Number.isFinite(value) ? write(value) : String(value)));
}
