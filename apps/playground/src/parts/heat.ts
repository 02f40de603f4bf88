/** Numbers as colours: strong where they are large, see-through where they are small, so that they lie on light, dark and pictures alike. */

export interface HeatOptions {
  /** Which number has the full colour. Default: the largest distance from 0. */
  readonly most?: number | undefined;
}

/** The warm colour of a share, as CSS has it. */
export const warm = (share: number): string => `color-mix(in srgb, var(--heat) ${(100 * Math.max(0, share)).toFixed(1)}%, transparent)`;

/** Draws numbers (rows × columns) into a canvas, a pixel each: positive ones warm, negative ones cold. */
export function heat(canvas: HTMLCanvasElement, values: ArrayLike<number>, columns: number, { most }: HeatOptions = {}): void {
  const rows = Math.ceil(values.length / columns);
  const [positive, negative] = [colourOf("--heat"), colourOf("--cold")];
  const largest = most ?? (Array.from(values).reduce((so, value) => Math.max(so, Math.abs(value)), 0) || 1);
  canvas.width = columns;
  canvas.height = rows;
  canvas.classList.add("pixels");
  const context = canvas.getContext("2d");
  const image = context?.createImageData(columns, rows);
  if (!context || !image) return;
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] ?? 0) / largest;
    const colour = value < 0 ? negative : positive;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = colour[c] ?? 0;
    image.data[4 * i + 3] = 255 * Math.min(1, Math.abs(value));
  }
  context.putImageData(image, 0, 0);
}

/** Red, green and blue of one of the page's colours. */
function colourOf(name: string): number[] {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name);
  return value.match(/\d+/g)?.map(Number) ?? [];
}

/** Draws grey values (a square, from −1, black, to 1, white) into a canvas. */
export function grey(canvas: HTMLCanvasElement, values: ArrayLike<number>, side: number): void {
  canvas.width = side;
  canvas.height = side;
  canvas.classList.add("pixels");
  const context = canvas.getContext("2d");
  const image = context?.createImageData(side, side);
  if (!context || !image) return;
  for (let i = 0; i < side * side; i++) {
    image.data.fill(Math.round(255 * Math.min(1, Math.max(0, ((values[i] ?? -1) + 1) / 2))), 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
