import type { Block, Operand } from "@x/core-wasm";
import { formatShape, ShapeError, TensorError } from "../errors.ts";
import { engine } from "./engine.ts";
import { unwatch, watch } from "./forgotten.ts";
import { printNumbers } from "./print.ts";
import { own, Owned } from "./scope.ts";
import { checkShape, type Shape, sizeOf } from "./shape.ts";

export type DType = "float32" | "int32";
export type TypedArrayOf<T extends DType> = T extends "float32" ? Float32Array : Int32Array;
/** What `toArray` gives: arrays in arrays, as deep as the tensor has axes. */
export type NestedNumbers = number | readonly NestedNumbers[];
/** The same of a known number of axes, from none to five. */
export type NestedArray<Rank extends 0 | 1 | 2 | 3 | 4 | 5> = [
  number,
  number[],
  number[][],
  number[][][],
  number[][][][],
  number[][][][][],
][Rank];

/** What to do about a tensor that is gone too early. */
export const KEEP_ALIVE = "keep() it or return it from its scope; a loss and its backward share one, without `using`";

/** How a tensor came about: enough to walk back from it. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  /** From the gradient of the output to those of the inputs, in order: ready, or to be made if somebody needs it. */
  readonly backward: (dy: Tensor) => readonly (Tensor | (() => Tensor) | undefined)[];
}

/**
 * An array of numbers in the engine's memory, row-major and contiguous. Views (`reshape`, rows of the first axis) share memory; what
 * can't be a view is an op. Ops are functions: `add(a, b)`, not `a.add(b)`.
 */
export class Tensor<T extends DType = "float32"> extends Owned implements Operand<T>, Disposable {
  readonly shape: Shape;
  readonly dtype: T;
  /** Number of elements. */
  readonly size: number;
  /** Whether `backward` shall carry a gradient to or through this tensor. */
  requiresGrad = false;
  /** The gradient that `backward` left, of this tensor's shape; leaves only. */
  grad: Tensor | undefined;
  /** @internal */
  node: Node | undefined;
  /** @internal Where the first element lies in the block. */
  readonly byteOffset: number;
  #block: Block | undefined;

  static {
    // What consoles ask an object for: in Node and Bun, in Deno.
    for (const name of ["nodejs.util.inspect.custom", "Deno.customInspect"]) {
      Object.defineProperty(this.prototype, Symbol.for(name), { value: this.prototype.toString });
    }
  }

  /** @internal Use `tensor`, `zeros`, `empty`… */
  constructor(shape: Shape, dtype: T, block: Block, byteOffset: number) {
    super();
    this.shape = shape;
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.byteOffset = byteOffset;
    this.#block = block;
    own(this);
  }

  /** @internal The memory that the elements lie in. @throws TensorError once disposed of, or after `shutdown` */
  get block(): Block {
    const block = this.#block;
    if (!block) throw new TensorError(`a ${formatShape(this.shape)} tensor was used after it was freed; ${KEEP_ALIVE}`);
    if (block.core.ended) throw new TensorError(`a ${formatShape(this.shape)} tensor was used after its engine's end, shutdown()`);
    return block;
  }

  get disposed(): boolean {
    return !this.#block;
  }

  /** @internal */
  override get isOnTape(): boolean {
    return this.node !== undefined && this.node.inputs.length > 0;
  }

  /**
   * The elements themselves, not a copy, to overwrite or to look at. Take it anew after anything that may allocate, since memory that grows detaches old
   * views, and after every op on the tensor, since what was made of the old elements (a weight's packed form) is kept until it is taken again.
   */
  get data(): TypedArrayOf<T> {
    return this.block.view(this.dtype, this.byteOffset, this.size) as TypedArrayOf<T>;
  }

  /** A copy of the elements that outlives the tensor. */
  toTypedArray(): TypedArrayOf<T> {
    return this.block.read(this.dtype, this.byteOffset, this.size) as TypedArrayOf<T>;
  }

  /**
   * The elements as nested arrays.
   * @param rank how many axes there are, where it is known: `x.toArray(2)` is a `number[][]`
   * @throws ShapeError when there are more or fewer
   */
  toArray(): NestedNumbers;
  toArray<Rank extends 0 | 1 | 2 | 3 | 4 | 5>(rank: Rank): NestedArray<Rank>;
  toArray(rank = this.shape.length): NestedNumbers {
    if (rank !== this.shape.length) throw new ShapeError("toArray", `it must have ${rank} axes`, { it: this.shape });
    const values = this.toTypedArray();
    const nest = (axis: number, from: number, size: number): NestedNumbers => {
      const length = this.shape[axis];
      if (length === undefined) return values[from] as number;
      return Array.from({ length }, (_, index) => nest(axis + 1, from + (index * size) / length, size / length));
    };
    return nest(0, 0, this.size);
  }

  /** The one element. @throws TensorError when there are more or fewer */
  item(): number {
    if (this.size !== 1) throw new TensorError(`item: wants a tensor of one element, but this one is ${formatShape(this.shape)}`);
    return this.block.read(this.dtype, this.byteOffset, 1)[0] as number;
  }

  /** Kind, shape, number type and the elements, long axes by their ends: `Tensor (2, 3) float32 [[1, 2, 3], …]`. */
  override toString(): string {
    const title = `${this.constructor.name} ${formatShape(this.shape)} ${this.dtype}`;
    if (this.disposed) return `${title}, freed`;
    try {
      return `${title}${this.shape.length > 1 ? "\n" : " "}${printNumbers(this.shape, this.toTypedArray())}`;
    } catch (error) {
      if (error instanceof TensorError) return `${title}: ${error.message}`;
      throw error;
    }
  }

  /** @internal */
  override watch(): void {
    if (this.#block) watch(this, this.#block.core, 4 * this.size);
  }

  /** Frees this tensor; memory goes when no view shares it any more. Harmless when repeated. */
  override dispose(): void {
    unwatch(this);
    this.#block?.release();
    this.#block = undefined;
    this.node = undefined;
    this.grad?.dispose();
    this.grad = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Exchanges the memory of two tensors of one shape, without a copy. */
  protected static exchangeBlocks(one: Tensor, other: Tensor): void {
    [one.#block, other.#block] = [other.#block, one.#block];
  }

  /** @internal The same elements under another shape, or fewer of them from an offset on. */
  view(shape: Shape, firstElement = 0): Tensor<T> {
    return new Tensor(shape, this.dtype, this.block.share(), this.byteOffset + 4 * firstElement);
  }
}

/** A tensor of whatever was in memory: for ops, which overwrite it. */
export function empty<T extends DType = "float32">(shape: Shape, dtype: T = "float32" as T): Tensor<T> {
  checkShape("empty", shape);
  return new Tensor(shape, dtype, engine().allocate(4 * sizeOf(shape)), 0);
}

/** A float32 tensor of whatever was in memory, which it takes from its first use on: of a model that can't be made, nothing stays. */
export function reserved(shape: Shape): Tensor {
  checkShape("reserved", shape);
  return new Tensor(shape, "float32", engine().reserve(4 * sizeOf(shape)), 0);
}
