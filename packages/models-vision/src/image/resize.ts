import { type Block, engine, intTensor } from "@x/layers";
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
  using pixels = engine().allocate(image.data.length + 1); // the kernel reads one byte beyond the end
  pixels.view("uint8", 0, image.data.length).set(image.data);
  using across = width === image.width ? pixels.share() : resizedAcross(pixels, image, width, resample);
  using down = height === image.height ? across.share() : resizedDown(across, image.height, width, height, resample);
  return { width, height, data: down.read("uint8", 0, 3 * width * height) };
}

type Smooth = Exclude<Resample, "nearest">;

/** (H, W, 3) → (H, width, 3) */
function resizedAcross(x: Block, image: RgbImage, width: number, resample: Smooth): Block {
  const { taps, ...tables } = resampleWeights(image.width, width, resample);
  using weights = intTensor(tables.weights);
  using bounds = intTensor(tables.bounds);
  const y = engine().allocate(3 * width * image.height + 1);
  const sizes = { rows: image.height, columns: image.width, outputs: width, taps };
  engine().kernels.resizeAcross({ x: x.as("uint8"), y: y.as("uint8"), weights, bounds, ...sizes });
  return y;
}

/** (inputs, width, 3) → (height, width, 3) */
function resizedDown(x: Block, inputs: number, width: number, height: number, resample: Smooth): Block {
  const { taps, ...tables } = resampleWeights(inputs, height, resample);
  using weights = intTensor(tables.weights);
  using bounds = intTensor(tables.bounds);
  const y = engine().allocate(3 * width * height);
  engine().kernels.resizeDown({ x: x.as("uint8"), y: y.as("uint8"), weights, bounds, outputs: height, length: 3 * width, taps });
  return y;
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
