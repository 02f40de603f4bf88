import type { Core } from "@x/core-wasm";

/**
 * A block of the engine's memory that one or more tensors share, freed when the last of them is disposed of.
 */
export class Storage {
  readonly core: Core;
  readonly pointer: number;
  readonly byteLength: number;
  #users = 1;

  constructor(core: Core, byteLength: number) {
    this.core = core;
    this.byteLength = byteLength;
    this.pointer = core.memory.allocate(byteLength);
  }

  share(): this {
    this.#users++;
    return this;
  }

  /** Whether one tensor alone uses it, so that it may be written in place. */
  get exclusive(): boolean {
    return this.#users === 1;
  }

  release(): void {
    if (--this.#users === 0) this.core.memory.free(this.pointer);
  }
}
