import { CoreError } from "./errors.ts";
/**
 * A segregated-fit allocator: blocks in address order are linked both ways, so neighbours coalesce when freed; free blocks hang in bins by
 * size, eight to a power of two, so a fitting one is found in a few steps (Masmano et al. 2004, TLSF, without the bitmaps).
 * It hands out addresses and never touches the memory itself.
 */
interface Block {
  pointer: number;
  size: number;
  free: boolean;
  previous: Block | undefined;
  next: Block | undefined;
}

const ALIGNMENT = 64;
const roundUp = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT;

/** The bin whose blocks are at least as large as its lower bound: 8 · log2(size) in eighths of an octave. */
function binOf(size: number): number {
  const units = size / ALIGNMENT;
  const octave = 31 - Math.clz32(units);
  const eighth = ((8 * units) >>> octave) & 7;
  return octave * 8 + eighth;
}

export class Allocator {
  /** Bytes handed out and not yet freed, rounded to the alignment. */
  liveBytes = 0;
  /** The most that was ever live at once. */
  peakBytes = 0;
  readonly #bins: Set<Block>[] = Array.from({ length: 27 * 8 }, () => new Set<Block>());
  readonly #blocks = new Map<number, Block>();
  readonly #grow: (end: number) => number;
  #last: Block | undefined;
  #end: number;

  /**
   * @param start first usable address
   * @param grow called with the address that must become usable; gives the new end (at least that), or throws
   */
  constructor(start: number, end: number, grow: (end: number) => number) {
    this.#end = roundUp(start);
    this.#grow = grow;
    if (end > this.#end) this.#append(end);
  }

  /** @returns the address of `bytes` bytes, aligned to 64. Contents are whatever was there. */
  allocate(bytes: number): number {
    const size = roundUp(bytes);
    const block = this.#find(size) ?? this.#extend(size);
    this.#take(block, size);
    this.liveBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return block.pointer;
  }

  free(pointer: number): void {
    let block = this.#blocks.get(pointer);
    if (!block) throw new CoreError(`free: no block starts at ${pointer}`);
    this.#blocks.delete(pointer);
    this.liveBytes -= block.size;
    const { previous, next } = block;
    if (previous?.free) {
      this.#unbin(previous);
      this.#absorb(previous, block);
      block = previous;
    }
    if (next?.free) {
      this.#unbin(next);
      this.#absorb(block, next);
    }
    this.#bin(block);
  }

  #find(size: number): Block | undefined {
    const first = binOf(size);
    for (const block of this.#bins[first] ?? []) if (block.size >= size) return block;
    for (let i = first + 1; i < this.#bins.length; i++) {
      const bin = this.#bins[i];
      if (bin && bin.size > 0) for (const block of bin) return block; // most are empty, and an iterator isn't free
    }
    return undefined;
  }

  #extend(size: number): Block {
    const missing = this.#last?.free ? size - this.#last.size : size;
    this.#append(this.#grow(this.#end + missing));
    const block = this.#last;
    if (!block || block.size < size) throw new CoreError("allocator: memory grew by less than was asked for");
    return block;
  }

  #append(end: number): void {
    const size = Math.floor((end - this.#end) / ALIGNMENT) * ALIGNMENT;
    if (this.#last?.free) {
      this.#unbin(this.#last);
      this.#last.size += size;
      this.#bin(this.#last);
    } else {
      const block: Block = { pointer: this.#end, size, free: false, previous: this.#last, next: undefined };
      if (this.#last) this.#last.next = block;
      this.#last = block;
      this.#bin(block);
    }
    this.#end += size;
  }

  #take(block: Block, size: number): void {
    this.#unbin(block);
    this.#blocks.set(block.pointer, block);
    if (block.size === size) return;
    const rest: Block = { pointer: block.pointer + size, size: block.size - size, free: false, previous: block, next: block.next };
    if (block.next) block.next.previous = rest;
    else this.#last = rest;
    block.next = rest;
    block.size = size;
    this.#bin(rest);
  }

  #absorb(block: Block, next: Block): void {
    block.size += next.size;
    block.next = next.next;
    if (next.next) next.next.previous = block;
    else this.#last = block;
  }

  #bin(block: Block): void {
    block.free = true;
    this.#bins[binOf(block.size)]?.add(block);
  }

  #unbin(block: Block): void {
    block.free = false;
    this.#bins[binOf(block.size)]?.delete(block);
  }
}
