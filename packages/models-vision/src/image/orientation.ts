import { latin1 } from "./formats/file-view.ts";
import type { Notes } from "./formats/encoded-image.ts";
import type { RgbImage } from "./rgb-image.ts";

/**
 * How the camera was held: 1 (upright) to 8. By the EXIF block where it says so, else by Adobe's XML; upright where neither does. As Pillow's
 * `exif_transpose` sees it.
 */
export function orientationOf({ exif, xmp }: Notes = {}): number {
  const told = exif && orientationTag(exif);
  return told ?? Number(/tiff:Orientation(?:="|>)([0-9])/.exec(xmp ?? "")?.[1] ?? 1);
}

/** The image turned and mirrored so that it is upright. Numbers as in EXIF 2.3, tag 0x0112. */
export function oriented(image: RgbImage, orientation: number): RgbImage {
  if (![2, 3, 4, 5, 6, 7, 8].includes(orientation)) return image;
  const swapped = orientation >= 5;
  const mirroredAcross = [2, 3, 7, 8].includes(orientation);
  const mirroredDown = [3, 4, 6, 7].includes(orientation);
  const [width, height] = swapped ? [image.height, image.width] : [image.width, image.height];
  const data = new Uint8Array(image.data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [r, c] = swapped ? [column, row] : [row, column];
      const fromRow = mirroredDown ? image.height - 1 - r : r;
      const fromColumn = mirroredAcross ? image.width - 1 - c : c;
      const from = 3 * (fromRow * image.width + fromColumn);
      const to = 3 * (row * width + column);
      data[to] = image.data[from] ?? 0;
      data[to + 1] = image.data[from + 1] ?? 0;
      data[to + 2] = image.data[from + 2] ?? 0;
    }
  }
  return { width, height, data };
}

type Reader = (view: DataView, at: number, isLittleEndian: boolean) => number;

/** Letters and plain bytes, which are no numbers, for Pillow as here. */
const isText = (kind: number): boolean => [1, 2, 7].includes(kind);

/** How a number is written, by its type in a TIFF block. */
const numberTypes: Readonly<Record<number, { readonly bytes: number; readonly read: Reader }>> = {
  3: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  5: { bytes: 8, read: (view, at, little) => view.getUint32(at, little) / view.getUint32(at + 4, little) },
  6: { bytes: 1, read: (view, at) => view.getInt8(at) },
  8: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  9: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  10: { bytes: 8, read: (view, at, little) => view.getInt32(at, little) / view.getInt32(at + 4, little) },
  11: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  12: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  13: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  16: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

/**
 * Tag 0x0112 of the first directory, the last if it comes twice, and of several numbers the first; undefined where it doesn't come, has none, or the block
 * is damaged.
 */
function orientationTag(exif: Uint8Array): number | undefined {
  let start = 0;
  while (start < 12 && latin1(exif.subarray(start, start + 6)) === "Exif\0\0") start += 6;
  const tiff = new DataView(exif.buffer, exif.byteOffset + start, exif.length - start);
  const byteOrder = /^(II|MM)(?=\*\0|\0\*)/.exec(latin1(exif.subarray(start, start + 4)))?.[0];
  if (byteOrder === undefined || tiff.byteLength < 10) return undefined;
  const isLittleEndian = byteOrder === "II";
  const directory = tiff.getUint32(4, isLittleEndian);
  if (directory + 2 > tiff.byteLength) return undefined;
  const entries = tiff.getUint16(directory, isLittleEndian);
  let found: number | undefined;
  for (let i = 0, at = directory + 2; i < entries && at + 12 <= tiff.byteLength; i++, at += 12) {
    if (tiff.getUint16(at, isLittleEndian) !== 0x0112) continue;
    const kind = tiff.getUint16(at + 2, isLittleEndian);
    const type = numberTypes[kind];
    const length = tiff.getUint32(at + 4, isLittleEndian) * (type?.bytes ?? 1);
    const valueAt = length > 4 ? tiff.getUint32(at + 8, isLittleEndian) : at + 8;
    if (!(type || isText(kind)) || length === 0 || valueAt + length > tiff.byteLength) continue;
    found = type ? type.read(tiff, valueAt, isLittleEndian) : 1;
  }
  return found;
}
