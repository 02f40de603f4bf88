import { checkArguments, wholeFrom } from "../../options.ts";
import { ShapeError } from "../../errors.ts";
import { checkFloats } from "../../tensor/operands.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** What attention asks of its operands, fused or written out. `qkv` (B, N, 3D). @throws ShapeError */
export function checkPacked(op: string, qkv: Tensor, numHeads: number): void {
  checkArguments(op, wholeFrom(1), { numHeads });
  checkFloats(op, { qkv });
  if (qkv.shape.length !== 3 || !Number.isInteger((qkv.shape[2] ?? 0) / 3 / numHeads)) {
    throw new ShapeError(op, `qkv must be (B, N, 3D) with D a multiple of ${numHeads} heads`, { qkv: qkv.shape });
  }
}

/** query (B, Nq, D), key and value (B, Nk, D). @throws ShapeError */
export function checkQueryKeyValue(op: string, query: Tensor, key: Tensor, value: Tensor, numHeads: number): void {
  checkArguments(op, wholeFrom(1), { numHeads });
  checkFloats(op, { query, key, value });
  const [batch, , width = 0] = query.shape;
  const keys = key.shape[1];
  const fits = [key, value].every(({ shape }) => shape.length === 3 && shape[0] === batch && shape[1] === keys && shape[2] === width);
  if (query.shape.length !== 3 || !fits || !Number.isInteger(width / numHeads)) {
    const rule = `query must be (B, Nq, D), key and value (B, Nk, D), with D a multiple of ${numHeads} heads`;
    throw new ShapeError(op, rule, { query: query.shape, key: key.shape, value: value.shape });
  }
}

/** query (B, Nq, D), keyValue (B, Nk, 2D) of which `keyCount` tokens count. @throws ShapeError */
export function checkPackedKeyValue(op: string, query: Tensor, keyValue: Tensor, numHeads: number, keyCount?: number): void {
  checkArguments(op, wholeFrom(1), { numHeads });
  checkFloats(op, { query, keyValue });
  const [batch, , width = 0] = query.shape;
  const [keyBatch, keys = 0, double] = keyValue.shape;
  const fits = query.shape.length === 3 && keyValue.shape.length === 3 && keyBatch === batch && double === 2 * width;
  if (!fits || !Number.isInteger(width / numHeads)) {
    const rule = `query must be (B, Nq, D), keyValue (B, Nk, 2D), with D a multiple of ${numHeads} heads`;
    throw new ShapeError(op, rule, { query: query.shape, keyValue: keyValue.shape });
  }
  if (keyCount !== undefined && !(Number.isInteger(keyCount) && keyCount >= 0 && keyCount <= keys)) {
    throw new ShapeError(op, `keyCount must be from 0 to ${keys}, but is ${keyCount}`, { keyValue: keyValue.shape });
  }
}

/** What is added to the scores (items, heads, queries, keys). @throws ShapeError */
export function checkTerms(
  { bias, mask }: { readonly bias?: Tensor | undefined; readonly mask?: Tensor | undefined },
  [items, numHeads, queries, keys]: readonly [items: number, numHeads: number, queries: number, keys: number],
): void {
  checkFloats("attention", {}, { bias, mask });
  if (bias && bias.shape.join() !== [numHeads, queries, keys].join()) {
    throw new ShapeError("attention", `bias must be (${numHeads}, ${queries}, ${keys})`, { bias: bias.shape });
  }
  const [masks = 1, rows = 1, columns] = mask?.shape ?? [];
  if (mask && (mask.shape.length !== 3 || items % masks !== 0 || ![1, queries].includes(rows) || columns !== keys)) {
    throw new ShapeError("attention", `mask must be (a divisor of ${items}, 1 or ${queries}, ${keys})`, { mask: mask.shape });
  }
}
