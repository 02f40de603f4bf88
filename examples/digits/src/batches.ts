import { argmax, intTensor, noGrad, tensor, type Tensor } from "@x/layers";
import { encode } from "fast-png";
import { type Digits, SIDE } from "@x/example-data/src/mnist.ts";

const PIXELS = SIDE * SIDE;

/** Digits as the processor would hand them over: grey in all three channels, from −1 to 1. images (B, 3, 28, 28), labels (B) */
export function batchOf(digits: Digits, indices: readonly number[]): [images: Tensor, labels: Tensor<"int32">] {
  const values = new Float32Array(indices.length * 3 * PIXELS);
  for (const [i, index] of indices.entries()) {
    const image = values.subarray(3 * i * PIXELS, 3 * (i + 1) * PIXELS);
    for (let p = 0; p < PIXELS; p++) image[p] = ((digits.pixels[index * PIXELS + p] ?? 0) / 255 - 0.5) / 0.5;
    image.copyWithin(PIXELS, 0, PIXELS);
    image.copyWithin(2 * PIXELS, 0, PIXELS);
  }
  return [tensor(values, [indices.length, 3, SIDE, SIDE]), intTensor(indices.map((index) => digits.labels[index] ?? 0))];
}

/** Share of all digits that the model names rightly. */
export function evaluate(model: { forward(images: Tensor): Tensor }, digits: Digits): number {
  let right = 0;
  for (let from = 0; from < digits.count; from += 500) {
    const indices = Array.from({ length: Math.min(500, digits.count - from) }, (_, i) => from + i);
    right += noGrad(() => {
      const [images, labels] = batchOf(digits, indices);
      return indices.length * shareRight(model.forward(images), labels);
    });
  }
  return right / digits.count;
}

export function shareRight(logits: Tensor, labels: Tensor<"int32">): number {
  const wanted = labels.data;
  return noGrad(() => argmax(logits).data.reduce((count, label, i) => count + (label === wanted[i] ? 1 : 0), 0)) / labels.size;
}

/** A digit as the file that somebody would have of it. */
export function pngOf(digits: Digits, index: number): Uint8Array {
  return encode({ width: SIDE, height: SIDE, channels: 1, depth: 8, data: digits.pixels.subarray(index * PIXELS, (index + 1) * PIXELS) });
}
