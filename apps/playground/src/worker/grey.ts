import { tensor, type Tensor } from "@x/layers";

/** Grey pixels 28 × 28 as the models of digits take them, the same in all channels: (1, 3, 28, 28). */
export function grey28(pixels: Float32Array): Tensor {
  const values = new Float32Array(3 * pixels.length);
  for (let c = 0; c < 3; c++) values.set(pixels, c * pixels.length);
  return tensor(values, [1, 3, 28, 28]);
}
