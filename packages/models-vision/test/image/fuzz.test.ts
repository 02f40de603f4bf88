/** Pictures with bytes changed, lost and added: whatever comes in, an image or an ImageError comes out. More of them: FUZZ_INPUTS=100000. */
import { readdirSync, readFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeImage } from "../../src/index.ts";
import { goldenFolder } from "../golden.ts";

const inputs = Number(process.env["FUZZ_INPUTS"] ?? 500);
const folder = goldenFolder("image");
const seeds = (ending: string): Buffer[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(`${folder}/${name}`));

/** Numbers below `limit`: mulberry32. */
function drawn(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

function changed(file: Buffer, draw: (limit: number) => number): Buffer {
  let bytes = Buffer.from(file);
  for (let count = 1 + draw([1, 2, 4, 16][draw(4)] ?? 1); count > 0 && bytes.length > 0; count--) {
    const at = draw(draw(2) === 0 ? bytes.length : Math.min(64, bytes.length)); // headers more often
    const length = 1 + draw(16);
    const odd = [0, 1, 0x7f, 0x80, 0xff][draw(5)] ?? 0;
    const kinds = [
      () => bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << draw(8)), at),
      () => bytes.writeUInt8(draw(256), at),
      () => bytes.fill(odd, at, Math.min(bytes.length, at + (draw(2) === 0 ? 2 : 4))),
      () => (bytes = bytes.subarray(0, at)),
      () => (bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])),
      () => (bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(draw(at + 1), at), bytes.subarray(at)])),
      () => bytes.copy(bytes, at, draw(bytes.length), bytes.length),
    ];
    kinds[draw(kinds.length)]?.();
  }
  return bytes;
}

/** With the compressed pixels changed before they are compressed again. */
function changedInside(file: Buffer, draw: (limit: number) => number): Buffer {
  const at = file.indexOf("IDAT");
  const length = file.readUInt32BE(at - 4);
  try {
    const data = deflateSync(changed(inflateSync(file.subarray(at + 4, at + 4 + length)), draw));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    return Buffer.concat([file.subarray(0, at - 4), size, Buffer.from("IDAT"), data, file.subarray(at + 4 + length)]);
  } catch {
    return changed(file, draw); // the file has its data in several chunks
  }
}

test.each(["png", "jpg", "gif", "webp", "bmp"])("%s", async (ending) => {
  const files = seeds(`.${ending}`);
  const draw = drawn(ending.charCodeAt(0));
  let slowest = 0;
  for (let i = 0; i < inputs; i++) {
    const file = files[draw(files.length)] ?? Buffer.alloc(0);
    const bytes = new Uint8Array(ending === "png" && draw(2) === 0 ? changedInside(file, draw) : changed(file, draw));
    const begun = performance.now();
    const outcome = await decodeImage(bytes, { maxPixels: 1_000_000 }).then(
      ({ width, height, data }) => (data.length === 3 * width * height ? "an image" : "half an image"),
      (error: Error) => error.name,
    );
    expect(["an image", "ImageError"], `input ${i}: ${Buffer.from(bytes).toString("base64")}`).toContain(outcome);
    slowest = Math.max(slowest, performance.now() - begun);
  }
  expect(slowest).toBeLessThan(2000);
});
