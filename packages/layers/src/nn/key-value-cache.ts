import { at } from "@x/core-wasm";
import { isRecording } from "../autograd/grad-mode.ts";
import { ShapeError, TensorError } from "../errors.ts";
import { kernels } from "../tensor/engine.ts";
import { keep } from "../tensor/scope.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";

/**
 * Keys and values of the tokens that a self-attention layer has seen, so that the next token costs one query. Hand it to the layer in its context.
 * Room doubles when it is used up, so n tokens cost O(n) copying. It lives outside every scope: dispose of it.
 */
export class KeyValueCache implements Disposable {
  #keyValue: Tensor | undefined;
  #length = 0;

  /** Tokens seen. */
  get length(): number {
    return this.#length;
  }

  /**
   * Takes over keys and values of n more tokens from qkv (B, n, 3D).
   * @returns all of them (B, room, 2D), keys before values, of which the first `length` tokens are there; it stays the cache's own
   * @throws ShapeError when the batch or the width changes
   * @throws TensorError while gradients are recorded
   */
  append(qkv: Tensor): Tensor {
    const [batch = 0, count = 0, triple = 0] = qkv.shape;
    const columns = (2 * triple) / 3;
    if (isRecording() && qkv.requiresGrad) throw new TensorError("KeyValueCache: gradients don't go through it; use it within noGrad");
    const held = this.#keyValue;
    if (held && (held.shape[0] !== batch || held.shape[2] !== columns)) {
      throw new ShapeError("KeyValueCache", "batch and width must stay as they are", { cached: held.shape, qkv: qkv.shape });
    }
    const end = this.#length + count;
    const room = held?.shape[1] ?? 0;
    const target = held && end <= room ? held : this.#moved([batch, Math.max(end, 2 * room, 16), columns], Array(batch).keys());
    const stride = target.size / Math.max(batch, 1);
    for (const token of Array(count).keys()) {
      const [from, to] = [token * triple + triple / 3, (this.#length + token) * columns];
      kernels().copyRows({ x: at(qkv, from), y: at(target, to), rows: batch, columns, xStride: count * triple, yStride: stride });
    }
    this.#length = end;
    return target;
  }

  /** Sample i becomes what sample rows[i] was: beams change places, finished sequences leave. */
  select(rows: readonly number[]): void {
    const held = this.#keyValue;
    if (!held || (rows.length === held.shape[0] && rows.every((row, i) => row === i))) return;
    this.#moved(held.shape.with(0, rows.length), rows);
  }

  dispose(): void {
    this.#keyValue?.dispose();
    this.#keyValue = undefined;
    this.#length = 0;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** A new place of that shape, holding in sample i what sample rows[i] holds now. */
  #moved(shape: readonly number[], rows: Iterable<number>): Tensor {
    const target = keep(empty(shape));
    using held = this.#keyValue;
    this.#keyValue = target;
    if (!held) return target;
    const filled = this.#length * (shape[2] ?? 0);
    const [xStride, yStride] = [held, target].map(({ size, shape: [samples = 1] }) => size / samples) as [number, number];
    for (const [sample, row] of [...rows].entries()) {
      kernels().copyRows({ x: at(held, row * xStride), y: at(target, sample * yStride), rows: 1, columns: filled, xStride, yStride });
    }
    return target;
  }
}
