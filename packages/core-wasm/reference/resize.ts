/** Pillow's 8-bit resampling in plain loops. pixels (rows, columns, 3); weights (outputs, taps); bounds (outputs, 2). */

const clip8 = (sum: number): number => Math.min(255, Math.max(0, sum >> 22));

export function resizeAcross(
  pixels: Uint8Array,
  rows: number,
  columns: number,
  outputs: number,
  weights: Int32Array,
  bounds: Int32Array,
  taps: number,
): Uint8Array {
  const y = new Uint8Array(rows * outputs * 3);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < outputs; j++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 1 << 21;
        for (let k = 0; k < (bounds[2 * j + 1] ?? 0); k++) {
          sum += (pixels[(row * columns + (bounds[2 * j] ?? 0) + k) * 3 + channel] ?? 0) * (weights[j * taps + k] ?? 0);
        }
        y[(row * outputs + j) * 3 + channel] = clip8(sum);
      }
    }
  }
  return y;
}

export function resizeDown(
  pixels: Uint8Array,
  length: number,
  outputs: number,
  weights: Int32Array,
  bounds: Int32Array,
  taps: number,
): Uint8Array {
  const y = new Uint8Array(outputs * length);
  for (let row = 0; row < outputs; row++) {
    for (let at = 0; at < length; at++) {
      let sum = 1 << 21;
      for (let k = 0; k < (bounds[2 * row + 1] ?? 0); k++) {
        sum += (pixels[((bounds[2 * row] ?? 0) + k) * length + at] ?? 0) * (weights[row * taps + k] ?? 0);
      }
      y[row * length + at] = clip8(sum);
    }
  }
  return y;
}
