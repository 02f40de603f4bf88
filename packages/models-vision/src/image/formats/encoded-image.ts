import type { RgbImage } from "../rgb-image.ts";

/** A file whose header was read, and nothing else yet. */
export interface EncodedImage {
  readonly width: number;
  readonly height: number;
  /** Where the camera's turn may be told, as the file has them. */
  readonly notes?: Notes | undefined;
  /** The pixels as they are stored, not turned. @throws ImageError when the file is cut short or damaged */
  decode(): RgbImage | Promise<RgbImage>;
}

export interface Notes {
  /** A TIFF block, perhaps behind the letters `Exif`. */
  readonly exif?: Uint8Array | undefined;
  /** Adobe's XML. */
  readonly xmp?: string | undefined;
}
