/** A table from two whole numbers to one, all from 0 on: open addressing in one array, which a `Map` of strings can't match in speed or size. */
export class PairTable {
  /** Of each entry: first, second, value; −1 where there is none. */
  #cells: Int32Array;
  #mask: number;
  #size = 0;

  /** @param expected how many entries there will be, about */
  constructor(expected = 16) {
    const slots = 2 ** Math.ceil(Math.log2(2 * expected + 16));
    this.#cells = new Int32Array(3 * slots).fill(-1);
    this.#mask = slots - 1;
  }

  /** −1 when there is no such entry. */
  get(first: number, second: number): number {
    return this.#cells[this.#cellOf(first, second) + 2] as number;
  }

  set(first: number, second: number, value: number): void {
    const cell = this.#cellOf(first, second);
    if (this.#cells[cell + 2] === -1) this.#size++;
    this.#cells[cell] = first;
    this.#cells[cell + 1] = second;
    this.#cells[cell + 2] = value;
    if (2 * this.#size > this.#mask) this.#grow();
  }

  #cellOf(first: number, second: number): number {
    const cells = this.#cells;
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    for (let slot = (hash ^ (hash >>> 13)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const cell = 3 * slot;
      if (cells[cell + 2] === -1 || (cells[cell] === first && cells[cell + 1] === second)) return cell;
    }
  }

  #grow(): void {
    const old = this.#cells;
    this.#mask = 2 * this.#mask + 1;
    this.#cells = new Int32Array(3 * (this.#mask + 1)).fill(-1);
    for (let cell = 0; cell < old.length; cell += 3) {
      const [first = 0, second = 0, value = -1] = old.subarray(cell, cell + 3);
      if (value !== -1) this.#cells.set([first, second, value], this.#cellOf(first, second));
    }
  }
}
