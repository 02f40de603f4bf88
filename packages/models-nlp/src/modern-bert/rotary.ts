import { add, concat, multiply, negate, reshape, slice, tensor, type Tensor } from "@x/layers";

/**
 * Rotary positions: the halves of each head's query and key, as pairs of numbers, are turned by an angle that grows with the place and falls with the pair:
 * place · theta^(−2i/d). What attention sees then depends on how far apart two tokens stand alone. Su et al. 2021, §3.2.2.
 */
export class Rotary {
  readonly #numHeads: number;
  readonly #headSize: number;
  readonly #theta: number;

  constructor(hiddenSize: number, numHeads: number, theta: number) {
    this.#numHeads = numHeads;
    this.#headSize = hiddenSize / numHeads;
    this.#theta = theta;
  }

  /** qkv (B, N, 3D) → the same, queries and keys turned */
  forward(qkv: Tensor): Tensor {
    const [batch = 0, length = 0, width = 0] = qkv.shape;
    const halves = reshape(qkv, [batch, length, 3 * this.#numHeads, 2, this.#headSize / 2]);
    const turned = concat([negate(slice(halves, 3, 1, 2)), slice(halves, 3, 0, 1)], 3);
    const [cosines, sines] = this.#tables(length, width);
    return add(multiply(qkv, cosines), multiply(reshape(turned, qkv.shape), sines));
  }

  /** For every number of a row of qkv, its angle's cosine and sine (N, 3D); values aren't turned. */
  #tables(length: number, width: number): [cosines: Tensor, sines: Tensor] {
    const [cosines, sines] = [new Float32Array(length * width).fill(1), new Float32Array(length * width)];
    const half = this.#headSize / 2;
    const frequencies = Float32Array.from({ length: half }, (_, i) => this.#theta ** (-i / half));
    for (let place = 0; place < length; place++) {
      for (let column = 0; column < (2 * width) / 3; column++) {
        const angle = Math.fround(place * (frequencies[column % half] ?? 0));
        cosines[place * width + column] = Math.cos(angle);
        sines[place * width + column] = Math.sin(angle);
      }
    }
    return [tensor(cosines, [length, width]), tensor(sines, [length, width])];
  }
}
