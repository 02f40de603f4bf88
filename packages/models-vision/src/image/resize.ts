import { engine } from "@x/layers";
import { ImageError, type RgbImage } from "./rgb-image.ts";
import { nearestInputs, type Resample, resampleCodes, resampleWeights } from "./resample.ts";

/** The image at another size, byte for byte what Pillow's `Image.resize` gives: across first, then down; a side that stays is skipped. */
export function resizeImage(image: RgbImage, width: number, height: number, resample: Resample): RgbImage {
  if (![width, height].every((side) => Number.isInteger(side) && side > 0)) {
    throw new ImageError(`resize: sides are whole numbers from 1 on, but ${width} × ${height} was asked for`);
  }
  if (!resampleCodes.includes(resample))
    throw new ImageError(`resize: the filter should be one of ${resampleCodes.join(", ")}, but is ${JSON.stringify(resample)}`);
  if (width === image.width && height === image.height) return image;
  if (resample === "nearest") return resizeNearest(image, width, height);
  const core = engine();
  const { memory } = core;
  const lent: number[] = [];
  const lend = (bytes: number): number => {
    const pointer = memory.allocate(bytes);
    lent.push(pointer);
    return pointer;
  };
  const lendTable = (values: Int32Array): number => {
    const pointer = lend(values.byteLength);
    memory.int32(pointer, values.length).set(values);
    return pointer;
  };
  try {
    let pixels = lend(image.data.length + 1); // the kernel reads one byte beyond the end
    memory.uint8(pixels, image.data.length).set(image.data);
    if (width !== image.width) {
      const { weights, bounds, taps } = resampleWeights(image.width, width, resample);
      const across = lend(3 * width * image.height + 1);
      core.launch(
        "resizeAcross",
        image.height,
        2 * width * taps,
        pixels,
        across,
        lendTable(weights),
        lendTable(bounds),
        image.width,
        width,
        taps,
      );
      pixels = across;
    }
    if (height !== image.height) {
      const { weights, bounds, taps } = resampleWeights(image.height, height, resample);
      const down = lend(3 * width * height);
      core.launch("resizeDown", height, 2 * width * taps, pixels, down, lendTable(weights), lendTable(bounds), 3 * width, taps);
      pixels = down;
    }
    return { width, height, data: memory.uint8(pixels, 3 * width * height).slice() };
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
