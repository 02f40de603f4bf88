/** A picture in one colour. */
export const rgb = (width: number, height: number, colour: readonly [number, number, number] = [10, 20, 30]) => ({
  width,
  height,
  data: Array.from({ length: 3 * width * height }, (_, i) => colour[i % 3] ?? 0),
});
