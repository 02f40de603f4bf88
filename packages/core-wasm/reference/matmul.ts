/** Specification of assembly/matmul.ts and matmul-pack.ts. */
import { activate, type Activation } from "./activate.ts";
import { generate, type Numbers, total } from "./numbers.ts";

/** What surrounds a product. Without one of them: nothing added, no activation. */
export interface MatmulParts {
  /** What y holds before, if the product is to be added to it, (m, n). */
  readonly y?: Numbers;
  /** (n) */
  readonly bias?: Numbers;
  readonly activation?: Activation | undefined;
}

/** activation(y + A (m, k) · B (k, n) + bias), (m, n). */
export function matmul(a: Numbers, b: Numbers, m: number, k: number, n: number, { y, bias, activation }: MatmulParts = {}): Float64Array {
  const x = generate(m * n, (i) => {
    const row = Math.floor(i / n);
    const product = total(k, (l) => a[row * k + l]! * b[l * n + (i % n)]!);
    return (y?.[i] ?? 0) + product + (bias?.[i % n] ?? 0);
  });
  return activate(x, activation);
}

/** B, element (l, j) at l · kStride + j · nStride, as panels [⌈n/8⌉][k][8], padded with zeros. */
export function packPanels(b: Numbers, k: number, n: number, kStride: number, nStride: number): Float64Array {
  return generate(Math.ceil(n / 8) * k * 8, (i) => {
    const j = Math.floor(i / (8 * k)) * 8 + (i % 8);
    const l = Math.floor(i / 8) % k;
    return j < n ? b[l * kStride + j * nStride]! : 0;
  });
}

/** A (m × k), element (i, l) at i · rowStride + l · columnStride, in groups of at most `group` rows, as even as can be, each [k][rows]. */
export function packRows(a: Numbers, m: number, k: number, rowStride: number, columnStride: number, group: number): Float64Array {
  const packed: number[] = [];
  const groups = Math.ceil(m / group);
  for (let g = 0, row = 0; g < groups; g++) {
    const rows = Math.ceil((m - row) / (groups - g));
    for (let l = 0; l < k; l++) for (let i = 0; i < rows; i++) packed.push(a[(row + i) * rowStride + l * columnStride]!);
    row += rows;
  }
  return Float64Array.from(packed);
}
