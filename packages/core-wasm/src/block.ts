import { CoreError } from "./errors.ts";
import { bytesPerElement, type DType, type TypedArrays, type WasmMemory } from "./memory.ts";

/** What a block needs of its core. */
export interface BlockOwner {
  readonly memory: WasmMemory;
  /** Whether the core was shut down: its memory must not be used any more. */
  readonly ended: boolean;
}

/** Where a kernel finds numbers: in a block, from some byte on. Tensors are operands. */
export interface Operand<T extends DType = DType> {
  readonly dtype: T;
  readonly block: Block;
  readonly byteOffset: number;
}

/** The operand that begins so many elements further on. */
export const at = <T extends DType>({ dtype, block, byteOffset }: Operand<T>, elements: number): Operand<T> => ({
  dtype,
  block,
  byteOffset: byteOffset + elements * bytesPerElement[dtype],
});

/**
 * Memory of a core that one or more tensors share, freed when the last of them has released it. It takes memory when it is first used, and what was
 * there before is in it then.
 */
export class Block implements Disposable {
  readonly core: BlockOwner;
  readonly byteLength: number;
  #address: number | undefined;
  #users = 1;
  #version = 0;
  #restore: ((into: Block) => void) | undefined;
  #isRestoring = false;
  #derived: Map<string, Block> | undefined;

  constructor(core: BlockOwner, byteLength: number) {
    this.core = core;
    this.byteLength = byteLength;
  }

  /** Rises whenever the contents may have changed: with every kernel that writes into the block, and every live view of it. */
  get version(): number {
    return this.#version;
  }

  /** Whether one tensor alone uses it, so that it may be written in place. */
  get exclusive(): boolean {
    return this.#users === 1;
  }

  get freed(): boolean {
    return this.#users === 0;
  }

  /** One more tensor uses it. @throws CoreError once freed, and when the core was shut down */
  share(): this {
    this.#check();
    this.#users++;
    return this;
  }

  /** One tensor less uses it. The last one frees the memory, and all forms derived from it. @throws CoreError once freed */
  release(): void {
    if (this.freed) throw new CoreError("a block of memory was released more often than it was shared");
    if (--this.#users > 0) return;
    this.#dropDerived();
    this.#giveBack();
    this.#restore = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** All of it as an operand. */
  as<T extends DType>(dtype: T): Operand<T> {
    return { dtype, block: this, byteOffset: 0 };
  }

  /**
   * The contents themselves, not a copy, to be written. Take it anew after anything that may allocate: memory that grows detaches old views.
   * @throws CoreError once freed, and when the core was shut down
   */
  view<T extends DType>(dtype: T, byteOffset: number, length: number): TypedArrays[T] {
    this.#check();
    const view = this.core.memory.view(dtype, this.address + byteOffset, length);
    this.written();
    return view;
  }

  /** A copy of the contents. Reading an evicted block leaves it evicted. @throws CoreError once freed, and when the core was shut down */
  read<T extends DType>(dtype: T, byteOffset: number, length: number): TypedArrays[T] {
    this.#check();
    if (!this.#restore) return this.core.memory.copy(dtype, this.address + byteOffset, length);
    const restored = new Block(this.core, this.byteLength);
    try {
      this.#restore(restored);
      return restored.read(dtype, byteOffset, length);
    } finally {
      restored.release();
    }
  }

  /**
   * Gives the memory back. Whoever next launches a kernel on the block, or takes a live view of it, has it filled again.
   * @param restore writes the same contents into a block of this size; it may launch kernels, or throw
   * @throws CoreError once freed, and when the core was shut down
   */
  evict(restore: (into: Block) => void): void {
    this.#check();
    this.#giveBack();
    this.#restore = restore;
  }

  /**
   * Another form of the contents, made once and kept until they change or the block is freed. It belongs to this block: don't release it.
   * @throws CoreError once freed, and when the core was shut down
   */
  derived(key: string, make: () => Block): Block {
    this.#check();
    const known = this.#derived?.get(key);
    if (known) return known;
    const made = make();
    (this.#derived ??= new Map()).set(key, made);
    return made;
  }

  /** Frees a derived form, if there is one of that key. */
  forget(key: string): void {
    this.#derived?.get(key)?.release();
    this.#derived?.delete(key);
  }

  /** @internal Byte address of the first element, the contents being there. */
  get address(): number {
    return this.#address ?? this.#makeResident();
  }

  /** @internal Says that the contents change. Restoring them is no change. */
  written(): void {
    if (this.#isRestoring) return;
    this.#version++;
    if (this.#derived) this.#dropDerived();
  }

  #makeResident(): number {
    this.#check();
    const restore = this.#restore;
    if (restore) {
      this.#restore = undefined;
      this.#isRestoring = true;
      try {
        restore(this); // takes the memory, when it asks for the address
      } catch (error) {
        this.#giveBack();
        this.#restore = restore;
        throw error;
      } finally {
        this.#isRestoring = false;
      }
    }
    return (this.#address ??= this.core.memory.allocate(this.byteLength));
  }

  #giveBack(): void {
    if (this.#address !== undefined) this.core.memory.free(this.#address);
    this.#address = undefined;
  }

  #dropDerived(): void {
    for (const block of this.#derived?.values() ?? []) block.release();
    this.#derived = undefined;
  }

  #check(): void {
    if (this.freed) throw new CoreError("a block of memory was used after it was freed");
    if (this.core.ended) throw new CoreError("a block of memory was used after its core was shut down");
  }
}
