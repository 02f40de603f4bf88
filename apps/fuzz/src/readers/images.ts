/** Pictures. */
import { deflateSync, inflateSync } from "node:zlib";
import { decodeImage } from "@x/models-vision";
import { type Draw, oneOf } from "../draw.ts";
import { type Bytes, joined, mutateBytes } from "../mutate.ts";
import { filesIn, type Reader } from "../reader.ts";

/** With the compressed pixels changed before they are compressed again. */
function changedInside(draw: Draw, file: Bytes): Bytes {
  const bytes = Buffer.from(file);
  const at = bytes.indexOf("IDAT");
  try {
    const length = bytes.readUInt32BE(at - 4);
    const data = deflateSync(mutateBytes(draw, inflateSync(bytes.subarray(at + 4, at + 4 + length))));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    return joined(bytes.subarray(0, at - 4), size, Buffer.from("IDAT"), data, bytes.subarray(at + 4 + length));
  } catch {
    return mutateBytes(draw, file); // the file has its data in several chunks
  }
}

const kindOf = (ending: string): Reader => {
  const seeds = filesIn("models-vision/golden/image", new RegExp(`\\.${ending}$`), 50_000);
  return {
    name: ending,
    next(draw) {
      const file = oneOf(draw, seeds);
      if (ending === "png" && draw() < 0.4) return changedInside(draw, file);
      // Headers more often.
      return mutateBytes(draw, file, 0, draw() < 0.5 ? file.length : Math.min(64, file.length));
    },
    async read(input) {
      await decodeImage(input, { maxPixels: 1_000_000 });
    },
  };
};

export const images = (): readonly Reader[] => ["png", "jpg", "gif", "webp", "bmp"].map(kindOf);
