/** Specification of assembly/gather.ts. */
import { generate, type Numbers } from "./numbers.ts";

export function gatherRows(table: Numbers, ids: Numbers, columns: number): Float64Array {
  return generate(ids.length * columns, (i) => table[ids[Math.floor(i / columns)]! * columns + (i % columns)]!);
}

/** table + the rows of dy added at ids. */
export function scatterAddRows(dy: Numbers, ids: Numbers, table: Numbers, columns: number): Float64Array {
  const y = Float64Array.from(table);
  for (let i = 0; i < dy.length; i++) y[ids[Math.floor(i / columns)]! * columns + (i % columns)]! += dy[i]!;
  return y;
}

/** x (B, tokens, columns), ids (B, picks) → (B, picks, columns). */
export function gatherTokens(x: Numbers, ids: Numbers, tokens: number, picks: number, columns: number): Float64Array {
  return gatherRows(x, absolute(ids, tokens, picks), columns);
}

/** x + the rows of dy (B, picks, columns) added at ids (B, picks). */
export function scatterAddTokens(dy: Numbers, ids: Numbers, x: Numbers, tokens: number, picks: number, columns: number): Float64Array {
  return scatterAddRows(dy, absolute(ids, tokens, picks), x, columns);
}

function absolute(ids: Numbers, tokens: number, picks: number): Float64Array {
  return generate(ids.length, (r) => Math.floor(r / picks) * tokens + ids[r]!);
}
