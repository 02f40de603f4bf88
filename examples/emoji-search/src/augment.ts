import type { EmojiFile } from "./emoji-file.ts";

/** One picture changed at random: moved, scaled, turned a little, mirrored, its colours changed, put upon any background. */
export interface Augmentation {
  readonly random: () => number;
  /** Whether mirroring leaves the meaning: not so for arrows and flags. */
  readonly mayMirror: boolean;
}

/** Writes the picture as (3, side, side), values from −1 to 1, into `target` from `offset` on. */
export function drawAugmented(
  file: EmojiFile,
  picture: number,
  { random, mayMirror }: Augmentation,
  target: Float32Array,
  offset: number,
): void {
  const { side, pixels } = file;
  const between = (low: number, high: number): number => low + (high - low) * random();
  const scale = between(0.75, 1.2);
  const angle = between(-0.2, 0.2);
  const mirror = mayMirror && random() < 0.3 ? -1 : 1;
  const [right, down] = [between(-0.12, 0.12) * side, between(-0.12, 0.12) * side];
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const background = random() < 0.5 ? [255, 255, 255] : [between(0, 255), between(0, 255), between(0, 255)];
  const [grey, contrast, brightness] = [random() < 0.2 ? between(0.3, 1) : 0, between(0.7, 1.3), between(-30, 30)];
  const tint = [between(0.85, 1.15), between(0.85, 1.15), between(0.85, 1.15)];
  const [base, area, middle] = [4 * picture * side ** 2, side ** 2, (side - 1) / 2];
  const colour = new Float64Array(4); // red, green and blue times alpha, and alpha
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const fromX = x - middle - right;
      const fromY = y - middle - down;
      sample(pixels, base, side, middle + mirror * (cos * fromX + sin * fromY), middle - sin * fromX + cos * fromY, colour);
      const alpha = colour[3] ?? 0;
      const lightness = 0.3 * (colour[0] ?? 0) + 0.59 * (colour[1] ?? 0) + 0.11 * (colour[2] ?? 0);
      for (let channel = 0; channel < 3; channel++) {
        const own = colour[channel] ?? 0;
        const mixed = (own + grey * (lightness - own)) * (tint[channel] ?? 1);
        const value = (mixed - 128 * alpha) * contrast + (128 + brightness) * alpha + (background[channel] ?? 255) * (1 - alpha);
        target[offset + channel * area + y * side + x] = Math.min(Math.max(value, 0), 255) / 127.5 - 1;
      }
    }
  }
}

/** Bilinear; nothing is outside of the picture. */
function sample(pixels: Uint8Array, base: number, side: number, x: number, y: number, colour: Float64Array): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  colour.fill(0);
  for (let row = Math.max(top, 0); row < Math.min(top + 2, side); row++) {
    for (let column = Math.max(left, 0); column < Math.min(left + 2, side); column++) {
      const at = base + 4 * (row * side + column);
      const share = ((1 - Math.abs(x - column)) * (1 - Math.abs(y - row)) * (pixels[at + 3] ?? 0)) / 255;
      if (share === 0) continue;
      for (let channel = 0; channel < 3; channel++) colour[channel] = (colour[channel] ?? 0) + share * (pixels[at + channel] ?? 0);
      colour[3] = (colour[3] ?? 0) + share;
    }
  }
}
