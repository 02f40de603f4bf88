/** A kernel's workbench: operands in WebAssembly memory, results with guards around them, and comparison with the float64 references. */
import { expect } from "vitest";
import type { Core, KernelArguments, KernelName, ScratchKernelArguments } from "../src/index.ts";

/** Numbers in memory, and the same numbers as float64. */
export interface Operand {
  readonly pointer: number;
  readonly values: Float64Array;
}

export interface Output {
  readonly pointer: number;
  readonly length: number;
}

/** How numbers are drawn: from −2 to 2; 0.1 to 2; halves from −2 to 2, so that some are equal. */
export type Draw = "any" | "positive" | "halves";

/** Runs a kernel at size n and compares with its reference; gives the outputs whose bits are to be the same on any number of threads. */
export type KernelCase = (bench: Bench, n: number) => readonly Output[];

const GUARD = 64; // elements on either side of an output
const UNTOUCHED = 12345;

export class Bench implements Disposable {
  readonly core: Core;
  readonly #pointers: number[] = [];
  readonly #outputs: Output[] = [];
  readonly #shift: number;
  #random = 1;

  /** @param shift how many bytes beyond a multiple of 64 everything lies */
  constructor(core: Core, shift = 0) {
    this.core = core;
    this.#shift = shift;
  }

  /** The next of a fixed sequence of numbers in [0, 1). Marsaglia 2003, xorshift. */
  next(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) / 2 ** 32;
  }

  numbers(length: number, draw: Draw = "any"): Operand {
    const from = {
      any: () => 4 * this.next() - 2,
      positive: () => 0.1 + 1.9 * this.next(),
      halves: () => Math.floor(9 * this.next()) / 2 - 2,
    };
    return this.given(Float64Array.from({ length }, from[draw]));
  }

  /** These numbers, rounded to float32. */
  given(numbers: ArrayLike<number>): Operand {
    const pointer = this.#allocate(4 * numbers.length);
    const view = this.core.memory.float32(pointer, numbers.length);
    view.set(numbers);
    return { pointer, values: Float64Array.from(view) };
  }

  ids(length: number, below: number): Operand {
    return this.integers(Array.from({ length }, () => Math.floor(below * this.next())));
  }

  integers(values: readonly number[]): Operand {
    const pointer = this.#allocate(4 * values.length);
    this.core.memory.int32(pointer, values.length).set(values);
    return { pointer, values: Float64Array.from(values) };
  }

  /** Bytes as they are: of other formats than float32. */
  bytes(data: ArrayBufferView): number {
    const pointer = this.#allocate(data.byteLength + 1);
    this.core.memory.uint8(pointer, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return pointer;
  }

  /** Room for a result: NaN, or what the kernel is to add to. */
  output(length: number, before?: ArrayLike<number>): Output {
    const pointer = this.#allocate(4 * (length + 2 * GUARD));
    const all = this.core.memory.float32(pointer, length + 2 * GUARD).fill(UNTOUCHED);
    if (before) all.set(before, GUARD);
    else all.fill(Number.NaN, GUARD, GUARD + length);
    const output = { pointer: pointer + 4 * GUARD, length };
    this.#outputs.push(output);
    return output;
  }

  read({ pointer, length }: Output): Float32Array {
    return this.core.memory.float32(pointer, length).slice();
  }

  /** The first bytes of an output. */
  readBytes({ pointer }: Output, length: number): Uint8Array<ArrayBuffer> {
    return this.core.memory.uint8(pointer, length).slice();
  }

  /** Launches a kernel whose unit is an element; nothing beside the outputs may be written. */
  launchElements<K extends KernelName>(kernel: K, elements: number, ...values: KernelArguments<K>): void {
    this.core.launch(kernel, elements, 64, ...values);
    this.#checkGuards(kernel);
  }

  /** Launches a kernel whose units may be split anywhere, at a cost that is worth every thread. */
  launch<K extends KernelName>(kernel: K, units: number, ...values: KernelArguments<K>): void {
    this.core.launch(kernel, units, 2 ** 15, ...values);
    this.#checkGuards(kernel);
  }

  launchWithScratch<K extends KernelName>(kernel: K, units: number, scratchBytes: number, ...values: ScratchKernelArguments<K>): void {
    this.core.launchWithScratch(kernel, units, 2 ** 15, scratchBytes, ...values);
    this.#checkGuards(kernel);
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
  bits({ pointer, length }: Output): Int32Array {
    return this.core.memory.int32(pointer, length).slice();
  }

  [Symbol.dispose](): void {
    for (const pointer of this.#pointers.splice(0)) this.core.memory.free(pointer);
  }

  #allocate(bytes: number): number {
    const pointer = this.core.memory.allocate(bytes + this.#shift);
    this.#pointers.push(pointer);
    return pointer + this.#shift;
  }

  #checkGuards(kernel: string): void {
    for (const { pointer, length } of this.#outputs) {
      for (const guard of [pointer - 4 * GUARD, pointer + 4 * length]) {
        const intact = this.core.memory.float32(guard, GUARD).every((value) => value === UNTOUCHED);
        expect(intact, `${kernel} leaves what lies ${guard < pointer ? "before" : "behind"} its output alone`).toBe(true);
      }
    }
  }
}
