/** Height and width in pixels, or one number for both. */
export type PixelSize = number | readonly [height: number, width: number];

export const sidesOf = (size: PixelSize): readonly [height: number, width: number] => (typeof size === "number" ? [size, size] : size);

/** Rows and columns of whole patches. */
export function patchGrid(imageSize: PixelSize, patchSize: number): readonly [rows: number, columns: number] {
  const [height, width] = sidesOf(imageSize);
  return [Math.floor(height / patchSize), Math.floor(width / patchSize)];
}

/** How many whole patches there are. */
export function patchCount(imageSize: PixelSize, patchSize: number): number {
  const [rows, columns] = patchGrid(imageSize, patchSize);
  return rows * columns;
}
