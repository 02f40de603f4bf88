import { engine } from "@x/layers";
import { ImageError, type RgbImage } from "./rgb-image.ts";
import { nearestInputs, type Resample, resampleWeights } from "./resample.ts";

/** The image at another size, byte for byte what Pillow's `Image.resize` gives: across first, then down; a side that stays is skipped. */
export function resizeImage(image: RgbImage, width: number, height: number, resample: Resample): RgbImage {
  if (![width, height].every((side) => Number.isInteger(side) && side > 0)) {
    throw new ImageError(`resize: sides are whole numbers from 1 on, but ${width} × ${height} was asked for`);
  }
  if (resample === "nearest") return resizeNearest(image, width, height);
  const wide = width === image.width ? image : pass(image, width, image.height, resample);
  return height === image.height ? wide : pass(wide, width, height, resample);
}

/** One pass: the side that differs. */
function pass(image: RgbImage, width: number, height: number, resample: Exclude<Resample, "nearest">): RgbImage {
  const across = width !== image.width;
  const { weights, bounds, taps } = across ? resampleWeights(image.width, width, resample) : resampleWeights(image.height, height, resample);
  const core = engine();
  const { memory } = core;
  const lent: number[] = [];
  const lend = (bytes: number): number => {
    const pointer = memory.allocate(bytes);
    lent.push(pointer);
    return pointer;
  };
  try {
    const x = lend(image.data.length + 1); // the kernel reads one byte beyond the end
    const y = lend(3 * width * height);
    const w = lend(4 * weights.length);
    const b = lend(4 * bounds.length);
    memory.uint8(x, image.data.length).set(image.data);
    memory.int32(w, weights.length).set(weights);
    memory.int32(b, bounds.length).set(bounds);
    if (across) core.launch("resizeAcross", height, 2 * width * taps, x, y, image.width, width, w, b, taps);
    else core.launch("resizeDown", height, 2 * width * taps, x, y, 3 * width, w, b, taps);
    return { width, height, data: memory.uint8(y, 3 * width * height).slice() };
  } finally {
    for (const pointer of lent) memory.free(pointer);
  }
}

function resizeNearest(image: RgbImage, width: number, height: number): RgbImage {
  const columns = nearestInputs(image.width, width);
  const rows = nearestInputs(image.height, height);
  const data = new Uint8Array(3 * width * height);
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = 3 * (row * image.width + column);
      data.set(image.data.subarray(from, from + 3), at);
      at += 3;
    }
  }
  return { width, height, data };
}
