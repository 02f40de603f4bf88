import { h } from "../dom.ts";
import { SIDE } from "./digit-pad.ts";
import type { Pad } from "./pad.ts";

const COUNT = 20;

/** Digits that no model here has learned from, from −1 to 1: MNIST's test set, two of each. */
export async function sampleDigits(): Promise<Float32Array<ArrayBuffer>[]> {
  const response = await fetch(new URL("models/digits.bin", document.baseURI));
  const bytes = new Uint8Array(await response.arrayBuffer());
  return Array.from({ length: COUNT }, (_, i) =>
    Float32Array.from(bytes.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), (value) => value / 127.5 - 1),
  );
}

/** What lets a visitor take one of them for a drawing. */
export const offerDigits = (digits: readonly Float32Array[], drawing: Pad): readonly HTMLElement[] => [
  h("p", { className: "hint" }, "Or take a test digit:"),
  sampleRow(digits, (sample) => drawing.put((context, side) => paint(context, sample, side))),
];

/** A row of them to choose from. */
function sampleRow(samples: readonly Float32Array[], choose: (sample: Float32Array<ArrayBuffer>) => void): HTMLElement {
  const buttons = samples.map((values, i) => {
    const canvas = h("canvas", { width: SIDE, height: SIDE, className: "pixels" });
    paint(canvas.getContext("2d"), values, SIDE);
    return h(
      "button",
      { type: "button", "aria-label": `A written ${Math.floor(i / 2)}`, onclick: () => choose(Float32Array.from(values)) },
      canvas,
    );
  });
  return h("div", { className: "samples", role: "group", "aria-label": "Digits to try" }, buttons);
}

/** Grey values (28 × 28, from −1 to 1) drawn `side` wide. */
export function paint(context: CanvasRenderingContext2D | null, values: ArrayLike<number>, side: number): void {
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    image.data.fill(127.5 * ((values[i] ?? -1) + 1), 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  const small = new OffscreenCanvas(SIDE, SIDE);
  small.getContext("2d")?.putImageData(image, 0, 0);
  context?.drawImage(small, 0, 0, side, side);
}
