import { tensor, type Tensor } from "@x/layers";

/** Where sine and cosine of a frequency stand: side by side, as in the paper, or all sines before all cosines, as in Marian. */
export type SinusoidOrder = "interleaved" | "halves";

/**
 * Fixed positions: PE(p, 2i) = sin(p / 10000^(2i/D)), PE(p, 2i+1) = cos of the same. Vaswani et al. 2017, §3.5. For any fixed k, PE(p + k) is a linear
 * function of PE(p). They are computed as far as they are asked for.
 */
export class SinusoidalPositions {
  readonly hiddenSize: number;
  readonly order: SinusoidOrder;
  #table = new Float32Array(0);

  constructor(hiddenSize: number, order: SinusoidOrder) {
    this.hiddenSize = hiddenSize;
    this.order = order;
  }

  /** Positions first … first + count − 1: (count, D) */
  at(first: number, count: number): Tensor {
    const width = this.hiddenSize;
    if (this.#table.length < (first + count) * width) this.#table = sinusoids(2 * (first + count), width, this.order);
    return tensor(this.#table.subarray(first * width, (first + count) * width), [count, width]);
  }
}

/** `count` rows of `hiddenSize` numbers; of an odd number of them, one more is a sine. */
function sinusoids(count: number, hiddenSize: number, order: SinusoidOrder): Float32Array<ArrayBuffer> {
  const sines = Math.ceil(hiddenSize / 2);
  const columnOf = (channel: number): number => {
    if (order === "interleaved") return channel;
    return channel % 2 === 0 ? channel / 2 : sines + (channel - 1) / 2;
  };
  const table = new Float32Array(count * hiddenSize);
  for (let channel = 0; channel < hiddenSize; channel++) {
    const frequency = 10000 ** -((channel - (channel % 2)) / hiddenSize);
    const wave = channel % 2 === 0 ? Math.sin : Math.cos;
    for (let position = 0; position < count; position++) table[position * hiddenSize + columnOf(channel)] = wave(position * frequency);
  }
  return table;
}
