import { tensor, type Tensor } from "@x/layers";

/**
 * Where sine and cosine of a frequency stand: side by side, as in the paper, or all sines before all cosines, as in Marian; in fairseq's way, too, but its
 * frequencies go down to 1/10000 itself.
 */
export type SinusoidOrder = "interleaved" | "halves" | "fairseq";

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

  /**
   * Of each id's place (B, N), the first of which is `first`: (N, D) or (B, N, D). fairseq's are counted from its padding's id on, and padding has none: zeros.
   */
  of(ids: Tensor<"int32">, first: number, paddingId = -1): Tensor {
    const [batch = 0, length = 0] = ids.shape;
    if (this.order !== "fairseq") return this.at(first, length);
    const values = ids.toTypedArray();
    const rows = new Float32Array(values.length * this.hiddenSize);
    const table = this.at(first + paddingId + 1, length).toTypedArray();
    let count = 0;
    for (const [i, id] of values.entries()) {
      if (i % length === 0) count = 0;
      if (id === paddingId) continue;
      const from = count++ * this.hiddenSize;
      rows.set(table.subarray(from, from + this.hiddenSize), i * this.hiddenSize);
    }
    return tensor(rows, [batch, length, this.hiddenSize]);
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
    const rank = (channel - (channel % 2)) / 2;
    const frequency = 10000 ** (order === "fairseq" ? -rank / (Math.floor(hiddenSize / 2) - 1) : (-2 * rank) / hiddenSize);
    const wave = channel % 2 === 0 ? Math.sin : Math.cos;
    for (let position = 0; position < count; position++) table[position * hiddenSize + columnOf(channel)] = wave(position * frequency);
  }
  return table;
}
