/** Browsers and their workers: there are no paths, only addresses, perhaps relative to the page's. */
import { ImageError } from "../image/rgb-image.ts";

/** @throws ImageError always, with what to do */
export function readFile(place: string): Promise<Uint8Array> {
  throw new ImageError(
    `${place.slice(0, 200)}: there are no files here; give an address, as new URL(…, location.href) makes it, or a File`,
  );
}
