import { drawUniform, empty, type Rng, tensor, type Tensor } from "@x/layers";

/**
 * Grey images (B, C, H, W), the same in all channels, each turned by up to 11°, scaled by 0.85 to 1.1 and moved by up to 2 pixels, as people's drawings are; what comes in from
 * outside is −1, black.
 */
export function moved(images: Tensor, rng: Rng): Tensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = images.shape;
  using draws = empty([batch, 4]);
  drawUniform(draws, rng);
  const [random, source] = [draws.toTypedArray(), images.toTypedArray()];
  const result = new Float32Array(source.length);
  const plane = height * width;
  for (let b = 0; b < batch; b++) {
    const [turn = 0, size = 0, right = 0, down = 0] = random.subarray(4 * b, 4 * b + 4);
    const angle = (turn - 0.5) * (Math.PI / 8);
    const scale = 1 / (0.85 + 0.25 * size);
    const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
    const [x0, y0] = [(width - 1) / 2, (height - 1) / 2];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [dx, dy] = [x - x0 - 4 * (right - 0.5), y - y0 - 4 * (down - 0.5)];
        const [u, v] = [x0 + cos * dx - sin * dy, y0 + sin * dx + cos * dy];
        result[b * channels * plane + y * width + x] = sampled(source, b * channels * plane, u, v, width, height);
      }
    }
    const first = b * channels * plane;
    for (let c = 1; c < channels; c++) result.copyWithin(first + c * plane, first, first + plane);
  }
  return tensor(result, images.shape);
}

/** Between the four pixels around (u, v). */
function sampled(pixels: Float32Array, from: number, u: number, v: number, width: number, height: number): number {
  const [left, top] = [Math.floor(u), Math.floor(v)];
  const at = (x: number, y: number): number => (x < 0 || y < 0 || x >= width || y >= height ? -1 : (pixels[from + y * width + x] ?? -1));
  const [h, k] = [u - left, v - top];
  return (1 - k) * ((1 - h) * at(left, top) + h * at(left + 1, top)) + k * ((1 - h) * at(left, top + 1) + h * at(left + 1, top + 1));
}
