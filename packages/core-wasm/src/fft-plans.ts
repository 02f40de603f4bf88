import { fftPlan } from "./fft-plan.ts";
import type { WasmMemory } from "./memory.ts";

/** How many lengths are remembered. Texts of any length up to 512 make many; each takes some 10 KB. */
const CAPACITY = 64;

/** What `fft` needs to know of a length, made when it is first asked for and kept in the kernels' memory. */
export class FftPlans {
  readonly #memory: WasmMemory;
  readonly #pointers = new Map<number, number>(); // by length, the latest used last

  constructor(memory: WasmMemory) {
    this.#memory = memory;
  }

  /** The plan for sequences of `length` elements, at an address that holds until 63 other lengths were asked for. */
  pointer(length: number): number {
    const known = this.#pointers.get(length);
    this.#pointers.delete(length);
    const pointer = known ?? this.#make(length);
    this.#pointers.set(length, pointer);
    return pointer;
  }

  #make(length: number): number {
    for (const [oldest, pointer] of this.#pointers) {
      if (this.#pointers.size < CAPACITY) break;
      this.#memory.freeTable(pointer);
      this.#pointers.delete(oldest);
    }
    const plan = fftPlan(length);
    const pointer = this.#memory.allocateTable(plan.byteLength);
    this.#memory.view("uint8", pointer, plan.byteLength).set(plan);
    return pointer;
  }
}
