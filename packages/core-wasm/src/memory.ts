import { Allocator } from "./allocator.ts";
import { OutOfMemoryError } from "./errors.ts";

const PAGE = 65536;
const MAXIMUM_PAGES = 65536;

/** What tensors are made of. */
export type DType = "float32" | "int32" | "uint8";

export interface TypedArrays {
  readonly float32: Float32Array<ArrayBuffer>;
  readonly int32: Int32Array<ArrayBuffer>;
  readonly uint8: Uint8Array<ArrayBuffer>;
}

export const bytesPerElement: Readonly<Record<DType, number>> = { float32: 4, int32: 4, uint8: 1 };

const arrays: { readonly [T in DType]: (buffer: ArrayBuffer, byteOffset: number, length: number) => TypedArrays[T] } = {
  float32: (buffer, byteOffset, length) => new Float32Array(buffer, byteOffset, length),
  int32: (buffer, byteOffset, length) => new Int32Array(buffer, byteOffset, length),
  uint8: (buffer, byteOffset, length) => new Uint8Array(buffer, byteOffset, length),
};

/** The one WebAssembly memory that every tensor lives in, with its allocator. */
export class WasmMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  readonly maximumBytes: number;
  readonly #allocator: Allocator;
  #tableBytes = 0;

  /**
   * @param staticEnd first address above the module's static data
   * @param shared whether threads are to see it
   * @param maximumBytes the most it may grow to; less is taken where the runtime refuses that much
   */
  constructor(staticEnd: number, shared: boolean, maximumBytes: number = MAXIMUM_PAGES * PAGE) {
    const initial = Math.ceil(staticEnd / PAGE) + 1;
    const { memory, maximum } = openMemory(initial, Math.max(initial, Math.floor(maximumBytes / PAGE)), shared);
    this.memory = memory;
    this.shared = shared;
    this.maximumBytes = maximum * PAGE;
    this.#allocator = new Allocator(staticEnd, initial * PAGE, (end) => this.#grow(end));
  }

  /** Bytes in use now, beside `tableBytes`. */
  get liveBytes(): number {
    return this.#allocator.liveBytes - this.#tableBytes;
  }

  /** Bytes of tables that the kernels look things up in, kept for the next call. */
  get tableBytes(): number {
    return this.#tableBytes;
  }

  /** The most bytes that were ever in use at once. */
  get peakBytes(): number {
    return this.#allocator.peakBytes;
  }

  /** @throws OutOfMemoryError when the memory can't grow to hold them */
  allocate(bytes: number): number {
    return this.#allocator.allocate(bytes);
  }

  free(pointer: number): void {
    this.#allocator.free(pointer);
  }

  /** Does `work`; what it allocates and frees is counted apart, as tables. */
  countAsTables<T>(work: () => T): T {
    const before = this.#allocator.liveBytes;
    try {
      return work();
    } finally {
      this.#tableBytes += this.#allocator.liveBytes - before;
    }
  }

  /** A view that holds until the memory next grows. */
  view<T extends DType>(dtype: T, pointer: number, length: number): TypedArrays[T] {
    return arrays[dtype](this.#buffer, pointer, length);
  }

  /** A copy. */
  copy<T extends DType>(dtype: T, pointer: number, length: number): TypedArrays[T] {
    const bytes = new Uint8Array(this.#buffer, pointer, length * bytesPerElement[dtype]).slice();
    return arrays[dtype](bytes.buffer, 0, length);
  }

  // A SharedArrayBuffer when threads are on. Typed arrays behave alike on both, so callers needn't know.
  get #buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  #grow(end: number): number {
    const held = this.memory.buffer.byteLength;
    const needed = Math.ceil((end - held) / PAGE);
    const comfortable = Math.max(needed, Math.ceil(held / PAGE / 8));
    const available = this.maximumBytes / PAGE - held / PAGE;
    for (const pages of [Math.min(comfortable, available), needed]) {
      if (pages < needed) continue;
      try {
        this.memory.grow(pages);
        return this.memory.buffer.byteLength;
      } catch {
        // Refused: try the bare need, then give up below.
      }
    }
    throw new OutOfMemoryError(end - held, this.liveBytes, this.maximumBytes);
  }
}

/** Phones refuse large maxima for shared memory, so ask for less until one is granted. */
function openMemory(initial: number, maximum: number, shared: boolean): { memory: WebAssembly.Memory; maximum: number } {
  for (;;) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared }), maximum };
    } catch (error) {
      if (maximum / 2 < initial) throw new OutOfMemoryError(initial * PAGE, 0, maximum * PAGE);
      if (!(error instanceof RangeError)) throw error;
      maximum = Math.floor(maximum / 2);
    }
  }
}
