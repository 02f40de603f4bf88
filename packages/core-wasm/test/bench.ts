/** A kernel's workbench: operands in blocks of memory, results with guards around them, and comparison with the float64 references. */
import { expect } from "vitest";
import type { Block, Core, DType, Kernels, Operand, TypedArrays } from "../src/index.ts";
import { kernelsOf } from "../src/generated/kernels.ts";
import { bytesPerElement } from "../src/memory.ts";

/** Numbers in memory, and the same numbers as float64. */
export interface Given<T extends DType = "float32"> extends Operand<T> {
  readonly values: Float64Array;
}

export interface Output<T extends DType = "float32"> extends Operand<T> {
  readonly length: number;
}

/** How numbers are drawn: from −2 to 2; 0.1 to 2; halves from −2 to 2, so that some are equal. */
export type Draw = "any" | "positive" | "halves";

/** Runs a kernel at size n and compares with its reference; gives the outputs whose bits are to be the same on any number of threads. */
export type KernelCase = (bench: Bench, n: number) => readonly Output<DType>[];

export interface BenchOptions {
  /** How many bytes beyond a multiple of 64 everything lies. Default 0. */
  readonly shift?: number;
  /**
   * What a unit is said to cost. Default worth every thread, for kernels whose units may be split anywhere; those whose unit is an element are split at
   * multiples of 64 as long as the cost is moderate.
   */
  readonly cost?: number;
}

const GUARD = 256; // bytes on either side of an output
const UNTOUCHED = 0x5a;

export class Bench implements Disposable {
  readonly core: Core;
  /** The generated face; after each call nothing beside the outputs may have been written. */
  readonly kernels: Kernels;
  readonly #blocks: Block[] = [];
  readonly #outputs: Output<DType>[] = [];
  readonly #shift: number;
  #random = 1;

  constructor(core: Core, { shift = 0, cost = 2 ** 15 }: BenchOptions = {}) {
    this.core = core;
    this.#shift = shift;
    this.kernels = kernelsOf({
      bind: (kernel, ...parameters) => {
        const launch = core.launcher.bind(kernel, ...parameters);
        return (call, units, unitCost, ...rest) => {
          if (units > 0) expect(unitCost, `cost of ${kernel}`).toBeGreaterThanOrEqual(0);
          launch(call, units, cost, ...rest);
          this.#checkGuards(kernel);
        };
      },
    });
  }

  /** The next of a fixed sequence of numbers in [0, 1). Marsaglia 2003, xorshift. */
  next(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) / 2 ** 32;
  }

  numbers(length: number, draw: Draw = "any"): Given {
    const from = {
      any: () => 4 * this.next() - 2,
      positive: () => 0.1 + 1.9 * this.next(),
      halves: () => Math.floor(9 * this.next()) / 2 - 2,
    };
    return this.given(Float64Array.from({ length }, from[draw]));
  }

  /** These numbers, rounded to float32. */
  given(numbers: ArrayLike<number>): Given {
    return this.#filled("float32", numbers);
  }

  ids(length: number, below: number): Given<"int32"> {
    return this.integers(Array.from({ length }, () => Math.floor(below * this.next())));
  }

  integers(values: ArrayLike<number>): Given<"int32"> {
    return this.#filled("int32", values);
  }

  bytes(values: ArrayLike<number>): Given<"uint8"> {
    return this.#filled("uint8", values);
  }

  /** Room for a result: NaN, or what the kernel is to add to. */
  output(length: number, before: ArrayLike<number> = new Float32Array(length).fill(Number.NaN)): Output {
    return this.#guarded("float32", before);
  }

  integersOutput(length: number): Output<"int32"> {
    return this.#guarded("int32", new Int32Array(length).fill(-1));
  }

  bytesOutput(length: number): Output<"uint8"> {
    return this.#guarded("uint8", new Uint8Array(length));
  }

  read<T extends DType>({ dtype, block, byteOffset, length }: Output<T>): TypedArrays[T] {
    return block.read(dtype, byteOffset, length);
  }

  /** Every number of an output within `tolerance` of the expected one, relative to 1 or the largest if that is larger. */
  expect(output: Output, expected: ArrayLike<number>, tolerance = 4e-6): void {
    const actual = this.read(output);
    expect(actual.length, "length").toBe(expected.length);
    let [worst, scale] = [0, 1];
    for (const [i, found] of actual.entries()) {
      const wanted = expected[i] ?? Number.NaN;
      const difference = found === wanted ? 0 : Math.abs(found - wanted);
      if (!(difference <= worst)) worst = difference;
      if (Number.isFinite(wanted)) scale = Math.max(scale, Math.abs(wanted));
    }
    expect(worst / scale, "largest difference").toBeLessThanOrEqual(tolerance);
  }

  /** The output's bits. */
  bits({ dtype, block, byteOffset, length }: Output<DType>): Uint8Array {
    return block.read("uint8", byteOffset, length * bytesPerElement[dtype]);
  }

  [Symbol.dispose](): void {
    for (const block of this.#blocks.splice(0)) block.release();
  }

  #allocate(bytes: number): Block {
    const block = this.core.allocate(bytes + this.#shift);
    this.#blocks.push(block);
    return block;
  }

  #filled<T extends DType>(dtype: T, values: ArrayLike<number>): Given<T> {
    const block = this.#allocate(values.length * bytesPerElement[dtype] + 1); // resizing reads a byte beyond
    const view: Float32Array | Int32Array | Uint8Array = block.view(dtype, this.#shift, values.length);
    view.set(values);
    return { dtype, block, byteOffset: this.#shift, values: Float64Array.from(view) };
  }

  #guarded<T extends DType>(dtype: T, values: ArrayLike<number>): Output<T> {
    const bytes = values.length * bytesPerElement[dtype];
    const block = this.#allocate(bytes + 2 * GUARD);
    block.view("uint8", this.#shift, bytes + 2 * GUARD).fill(UNTOUCHED);
    const output = { dtype, block, byteOffset: this.#shift + GUARD, length: values.length };
    const view: Float32Array | Int32Array | Uint8Array = block.view(dtype, output.byteOffset, values.length);
    view.set(values);
    this.#outputs.push(output);
    return output;
  }

  #checkGuards(kernel: string): void {
    for (const { dtype, block, byteOffset, length } of this.#outputs) {
      for (const guard of [byteOffset - GUARD, byteOffset + length * bytesPerElement[dtype]]) {
        const intact = block.view("uint8", guard, GUARD).every((value) => value === UNTOUCHED);
        expect(intact, `${kernel} leaves what lies ${guard < byteOffset ? "before" : "behind"} its output alone`).toBe(true);
      }
    }
  }
}
