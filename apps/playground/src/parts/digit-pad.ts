import { pad, type Pad } from "./pad.ts";

export const SIDE = 28;

/** A pad for digits, white on black as MNIST has them. */
export const digitPad = (onDraw: () => void): Pad =>
  pad({ label: "A place to draw a digit", ink: "#ffffff", paper: "#000000", line: 0.075, onDraw });

/**
 * A drawing as MNIST's digits are: the strokes fitted into 20 × 20 pixels, their centre of mass in the middle of 28 × 28, from −1 (black) to 1.
 * Undefined while nothing is drawn.
 */
export function asDigit(drawing: ImageData): Float32Array<ArrayBuffer> | undefined {
  const box = boxOf(drawing);
  if (!box) return undefined;
  const [left, top, width, height] = box;
  const scale = 20 / Math.max(width, height);
  const whole = new OffscreenCanvas(drawing.width, drawing.height);
  whole.getContext("2d")?.putImageData(drawing, 0, 0);
  const fitted = (x: number, y: number): Float32Array<ArrayBuffer> => {
    const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d");
    if (!context) throw new Error("this browser has no canvas");
    context.fillRect(0, 0, SIDE, SIDE);
    context.imageSmoothingQuality = "high";
    context.drawImage(whole, left, top, width, height, x, y, width * scale, height * scale);
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    return Float32Array.from({ length: SIDE * SIDE }, (_, i) => (data[4 * i] ?? 0) / 127.5 - 1);
  };
  const [x, y] = [(SIDE - width * scale) / 2, (SIDE - height * scale) / 2];
  const [right, down] = massOf(fitted(x, y));
  return fitted(x + 13.5 - right, y + 13.5 - down);
}

function boxOf({ data, width, height }: ImageData): [left: number, top: number, width: number, height: number] | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < width * height; i++) {
    if ((data[4 * i] ?? 0) < 40) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return right < 0 ? undefined : [left, top, right - left + 1, bottom - top + 1];
}

function massOf(values: Float32Array): [x: number, y: number] {
  let [mass, x, y] = [0, 0, 0];
  for (const [i, value] of values.entries()) {
    mass += value + 1;
    x += (value + 1) * (i % SIDE);
    y += (value + 1) * Math.floor(i / SIDE);
  }
  return [x / mass, y / mass];
}
