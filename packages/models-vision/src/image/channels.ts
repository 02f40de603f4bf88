/** Red, green, blue without alpha: what shows through is not blended. */
export function withoutAlpha(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const count = Math.floor(rgba.length / 4);
  const rgb = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) {
    rgb[3 * i] = rgba[4 * i] ?? 0;
    rgb[3 * i + 1] = rgba[4 * i + 1] ?? 0;
    rgb[3 * i + 2] = rgba[4 * i + 2] ?? 0;
  }
  return rgb;
}

export function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(3 * grey.length);
  for (const [i, value] of grey.entries()) rgb.fill(value, 3 * i, 3 * i + 3);
  return rgb;
}
