import { deflateAsync } from "@gfx/zopfli";

/**
 * Bytes as they travel inside JavaScript: deflate-raw in base64. Zopfli searches longer than zlib does: some 6 % less for every page to download.
 * @param {Uint8Array} bytes
 */
export async function deflated(bytes) {
  const smallest = await deflateAsync(bytes, { numiterations: 15, blocksplitting: true, blocksplittingmax: 0 });
  return Buffer.from(smallest).toString("base64");
}
