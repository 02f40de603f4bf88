import { intTensor } from "@x/layers";
import { type Block, engine } from "@x/layers/model";
import { ImageError, type RgbImage } from "./rgb-image.ts";
import { nearestInputs, type Resample, resampleCodes, resampleWeights, type Weights } from "./resample.ts";

/** A part of an image, or more than it: what lies beyond is black. Pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The image at another size, byte for byte what Pillow's `Image.resize` gives: across first, then down (strips the other way round); a side that stays is
 * skipped.
 * @param region what is wanted of the resized image; only that is computed. Default all of it
 */
export function resizeImage(
  image: RgbImage,
  width: number,
  height: number,
  resample: Resample,
  region: Region = { left: 0, top: 0, width, height },
): RgbImage {
  if (![width, height].every((side) => Number.isInteger(side) && side > 0)) {
    throw new ImageError(`resize: sides are whole numbers from 1 on, but ${width} × ${height} was asked for`);
  }
  if (!resampleCodes.includes(resample))
    throw new ImageError(`resize: the filter should be one of ${resampleCodes.join(", ")}, but is ${JSON.stringify(resample)}`);
  const seen = intersection(region, width, height);
  const isSame = width === image.width && height === image.height;
  if (isSame && seen.width === width && seen.height === height && region.width === width && region.height === height) return image;
  const part = isSame || resample === "nearest" ? pick(image, width, height, seen) : filter(image, width, height, resample, seen);
  return part.width === region.width && part.height === region.height ? part : onBlack(part, seen, region);
}

function intersection({ left, top, width, height }: Region, wide: number, high: number): Region {
  const [x, y] = [Math.max(0, left), Math.max(0, top)];
  return { left: x, top: y, width: Math.min(wide, left + width) - x, height: Math.min(high, top + height) - y };
}

function onBlack(part: RgbImage, seen: Region, { left, top, width, height }: Region): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < part.height; row++) {
    const to = 3 * ((seen.top - top + row) * width + seen.left - left);
    data.set(part.data.subarray(3 * row * part.width, 3 * (row + 1) * part.width), to);
  }
  return { width, height, data };
}

/** Each pixel from one input, or from itself. */
function pick(image: RgbImage, width: number, height: number, { left, top, ...size }: Region): RgbImage {
  const columns = nearestInputs(image.width, width).subarray(left, left + size.width);
  const rows = nearestInputs(image.height, height).subarray(top, top + size.height);
  const data = new Uint8Array(3 * size.width * size.height);
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = 3 * (row * image.width + column);
      data[at++] = image.data[from] ?? 0;
      data[at++] = image.data[from + 1] ?? 0;
      data[at++] = image.data[from + 2] ?? 0;
    }
  }
  return { ...size, data };
}

/** What is held at once of the image and of what comes between across and down. Bytes. */
const bandBytes = 1 << 24;

function filter(image: RgbImage, width: number, height: number, resample: Exclude<Resample, "nearest">, seen: Region): RgbImage {
  // As Pillow since 13: where far more rows go than columns, down comes first.
  const isDownFirst = height < image.height && image.height - height > 2 * (image.width - width);
  if (!isDownFirst) return filterAcrossThenDown(image, width, height, resample, seen);
  const low = filterAcrossThenDown(image, image.width, height, resample, { ...seen, left: 0, width: image.width });
  return filterAcrossThenDown(low, width, seen.height, resample, { ...seen, top: 0 });
}

/** In bands of rows, so that no picture in the middle of it grows with the image's sides. */
function filterAcrossThenDown(
  image: RgbImage,
  width: number,
  height: number,
  resample: Exclude<Resample, "nearest">,
  seen: Region,
): RgbImage {
  const across = width === image.width ? undefined : resampleWeights(image.width, width, resample, seen.left, seen.width);
  const down = height === image.height ? undefined : resampleWeights(image.height, height, resample, seen.top, seen.height);
  const data = new Uint8Array(3 * seen.width * seen.height);
  /** The first of the inputs of an output row, and the one after the last. */
  const inputs = (row: number): [first: number, end: number] => {
    const first = down?.bounds[2 * row] ?? seen.top + row;
    return [first, first + (down?.bounds[2 * row + 1] ?? 1)];
  };
  const most = Math.floor(bandBytes / (3 * Math.max(image.width, seen.width)));
  for (let row = 0; row < seen.height;) {
    const [first] = inputs(row);
    let end = row + 1;
    while (end < seen.height && inputs(end)[1] - first <= most) end++;
    const rows = { first, count: inputs(end - 1)[1] - first };
    data.set(filterBand(image, rows, across, down && bandOf(down, row, end, first), seen), 3 * seen.width * row);
    row = end;
  }
  return { width: seen.width, height: seen.height, data };
}

/** The weights of output rows `from` to `to`, whose inputs are counted from `first` on. */
function bandOf({ weights, bounds, taps }: Weights, from: number, to: number, first: number): Weights {
  const shifted = bounds.slice(2 * from, 2 * to).map((value, i) => (i % 2 === 0 ? value - first : value));
  return { weights: weights.subarray(from * taps, to * taps), bounds: shifted, taps };
}

function filterBand(
  image: RgbImage,
  { first, count }: { readonly first: number; readonly count: number },
  across: Weights | undefined,
  down: Weights | undefined,
  { left, width }: Region,
): Uint8Array {
  const band = rowsOf(image, first, count, across ? { left: 0, width: image.width } : { left, width });
  using pixels = engine().allocate(band.length + 1); // the kernel reads one byte beyond the end
  pixels.view("uint8", 0, band.length).set(band);
  using narrow = across ? filteredAcross(pixels, image.width, width, count, across) : pixels.share();
  using low = down ? filteredDown(narrow, width, down) : narrow.share();
  return low.read("uint8", 0, 3 * width * (down ? down.bounds.length / 2 : count));
}

/** (rows, columns, 3) → (rows, outputs, 3) */
function filteredAcross(x: Block, columns: number, outputs: number, rows: number, { taps, ...tables }: Weights): Block {
  using weights = intTensor(tables.weights);
  using bounds = intTensor(tables.bounds);
  const y = engine().allocate(3 * outputs * rows + 1);
  engine().kernels.resizeAcross({ x: x.as("uint8"), y: y.as("uint8"), weights, bounds, rows, columns, outputs, taps });
  return y;
}

/** (inputs, columns, 3) → (outputs, columns, 3) */
function filteredDown(x: Block, columns: number, { taps, ...tables }: Weights): Block {
  using weights = intTensor(tables.weights);
  using bounds = intTensor(tables.bounds);
  const outputs = tables.bounds.length / 2;
  const y = engine().allocate(3 * columns * outputs);
  engine().kernels.resizeDown({ x: x.as("uint8"), y: y.as("uint8"), weights, bounds, outputs, length: 3 * columns, taps });
  return y;
}

/** Some columns of some rows; without a copy where all columns are wanted. */
function rowsOf(
  { width, data }: RgbImage,
  first: number,
  count: number,
  columns: { readonly left: number; readonly width: number },
): Uint8Array {
  if (columns.width === width) return data.subarray(3 * first * width, 3 * (first + count) * width);
  const part = new Uint8Array(3 * columns.width * count);
  for (let row = 0; row < count; row++) {
    const from = 3 * ((first + row) * width + columns.left);
    part.set(data.subarray(from, from + 3 * columns.width), 3 * row * columns.width);
  }
  return part;
}
