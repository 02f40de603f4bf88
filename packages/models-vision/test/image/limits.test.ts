/** What files may ask for: every limit at its edge, and small files that ask for much. */
import { readFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";
import { init } from "@x/layers";
import { shown } from "@x/layers/model";
import { beforeAll, expect, test } from "vitest";
import { decodeImage, ImageProcessor, type RgbImage } from "../../src/index.ts";
import { goldenFolder } from "../golden.ts";

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(`${goldenFolder("image")}/${name}`));

beforeAll(() => init());

function chunk(name: string, data: Uint8Array): Buffer {
  const whole = Buffer.alloc(12 + data.length);
  whole.writeUInt32BE(data.length);
  whole.write(name, 4);
  whole.set(data, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + data.length)), 8 + data.length);
  return whole;
}

interface Parts {
  readonly width?: number;
  readonly height?: number;
  readonly depth?: number;
  readonly type?: number;
  /** Before it is compressed. */
  readonly pixels?: Uint8Array;
  readonly before?: Uint8Array;
}

/** One black pixel unless something else is said. */
function png({ width = 1, height = 1, depth = 8, type = 2, pixels = Buffer.alloc(4), before = Buffer.alloc(0) }: Parts): Uint8Array {
  const header = Buffer.from([...new Uint8Array(8), depth, type, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const data = deflateSync(pixels, { level: 9 });
  return new Uint8Array(Buffer.concat([signature, chunk("IHDR", header), before, chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]));
}

/** Milliseconds, and megabytes that the process grew by. */
async function cost(body: () => Promise<unknown>): Promise<{ readonly time: number; readonly memory: number }> {
  const [begun, before] = [performance.now(), process.resourceUsage().maxRSS];
  await body();
  return { time: performance.now() - begun, memory: (process.resourceUsage().maxRSS - before) / 1000 };
}

test.each(["rgb.png", "q85-s2.jpg", "animated.gif", "lossy.webp", "animated-lossy.webp", "rgb.bmp"])(
  "maxPixels and maxSide, %s",
  async (name) => {
    const { width, height } = await decodeImage(read(name), { maxPixels: 23 * 19, maxSide: 23 });
    expect([width, height]).toEqual([23, 19]);
    await expect(decodeImage(read(name), { maxPixels: 23 * 19 - 1 })).rejects.toThrow(
      "an image of 23 × 19 is beyond the limit of 436 pixels (maxPixels)",
    );
    await expect(decodeImage(read(name), { maxSide: 22 })).rejects.toThrow(
      "an image of 23 × 19 is beyond the limit of 22 pixels a side (maxSide)",
    );
  },
);

test("the usual limit is where Pillow stops", async () => {
  const side = (height: number): Uint8Array => png({ width: 13_377, height, pixels: Buffer.alloc(1) });
  const any = { maxPixelsPerByte: Infinity };
  await expect(decodeImage(side(13_377), any)).rejects.toThrow("PNG: the file is cut short: 0 of 13377 rows are there");
  await expect(decodeImage(side(13_378), any)).rejects.toThrow("beyond the limit of 178956970 pixels (maxPixels)");
  await expect(decodeImage(png({ width: 100_001 }))).rejects.toThrow("beyond the limit of 100000 pixels a side (maxSide)");
});

test("maxPixelsPerByte, beyond 2^24 pixels", async () => {
  const file = (height: number): Uint8Array => png({ width: 4096, height, pixels: Buffer.alloc(1) });
  await expect(decodeImage(file(4096))).rejects.toThrow("PNG: the file is cut short: 0 of 4096 rows are there");
  const bytes = file(4097).length;
  await expect(decodeImage(file(4097))).rejects.toThrow(
    `PNG: an image of 4096 × 4097 in ${bytes} bytes is beyond the limit of 16 pixels a byte (maxPixelsPerByte)`,
  );
  const pixelsPerByte = (4096 * 4097) / bytes;
  await expect(decodeImage(file(4097), { maxPixelsPerByte: pixelsPerByte })).rejects.toThrow("cut short");
  await expect(decodeImage(file(4097), { maxPixelsPerByte: pixelsPerByte * 0.999 })).rejects.toThrow("(maxPixelsPerByte)");
});

test("maxScans", async () => {
  const file = Buffer.from(read("progressive.jpg"));
  const last = file.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = file.subarray(last, -2);
  const scans = file.toString("latin1").split("\xff\xda").length - 1;
  const more = (count: number): Uint8Array =>
    new Uint8Array(Buffer.concat([file.subarray(0, -2), ...Array.from({ length: count - scans }, () => scan), file.subarray(-2)]));
  await decodeImage(more(32));
  await expect(decodeImage(more(33))).rejects.toThrow(
    "JPEG: a picture in 33 passes, beyond the limit of 32 (maxScans), can't be read here",
  );
  await decodeImage(more(33), { maxScans: 33 });
});

test.each([{ maxPixels: 0 }, { maxSide: Number.NaN }, { maxScans: -1 }, { maxBytes: "1" as unknown as number }])(
  "a limit that isn't one is named: %j",
  async (limits) => {
    const [[name, value] = []] = Object.entries(limits);
    await expect(decodeImage(read("rgb.png"), limits)).rejects.toThrow(`${name} must be a number above 0, but is ${shown(value)}`);
  },
);

const bomb = Buffer.alloc(1 << 27);
test.each<[string, Uint8Array]>([
  ["pixels that go on for ever", png({ pixels: bomb })],
  ["a colour profile", png({ before: chunk("iCCP", Buffer.concat([Buffer.from("x\0\0"), deflateSync(bomb)])) })],
  ["a compressed note", png({ before: chunk("zTXt", Buffer.concat([Buffer.from("Raw profile type exif\0\0"), deflateSync(bomb)])) })],
  ["chunks without end", png({ before: Buffer.concat(Array.from({ length: 60_000 }, () => chunk("tEXt", Buffer.from("a\0b")))) })],
])("a PNG of one pixel with %s is one pixel, at once", async (_, file) => {
  const { time, memory } = await cost(() => decodeImage(file));
  expect(time).toBeLessThan(1000);
  expect(memory).toBeLessThan(100);
});

/** 16 × 16; the frame is what is said, its data one code. */
function gif(width: number, height: number, data: readonly number[] = [2, 1, 0x2c, 0]): Uint8Array {
  const file = Buffer.from([...Buffer.from("GIF89a"), 16, 0, 16, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...data, 0x3b]);
  file.writeUInt16LE(width, 18);
  file.writeUInt16LE(height, 20);
  return new Uint8Array(file);
}

function jpegOf(width: number, height: number): Uint8Array {
  const file = Buffer.from(read("q85-s2.jpg"));
  const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
  file.writeUInt16BE(height, frame + 5);
  file.writeUInt16BE(width, frame + 7);
  return new Uint8Array(file);
}

const webpOf = (size: number): Uint8Array => {
  const file = Buffer.from(read("lossless-1x1.webp"));
  file.writeUInt32LE(((size - 1) | ((size - 1) << 14)) >>> 0, 21);
  return new Uint8Array(file);
};

test.each<[string, Uint8Array, string]>([
  ["a GIF with a frame much larger than its screen", gif(60_000, 60_000), "GIF: an image of 60000 × 60000 is beyond the limit"],
  ["a GIF whose frame's pixels don't come", gif(4096, 4096), "GIF: the file is cut short: 0 of 4096 rows are there"],
  ["a GIF with a code that can't be", gif(4, 4, [2, 2, 0xfc, 0xff, 0]), "GIF: the file is damaged: code 7 where 6 is the next"],
  ["a JPEG that says more pixels than its bytes can hold", jpegOf(12_000, 12_000), "bytes don't make 12000 × 12000 pixels"],
  ["a JPEG without rows", jpegOf(16, 0), "JPEG: the image has no pixels: it is 16 × 0"],
  ["a WebP of 38 bytes", webpOf(16_384), "WebP: an image of 16384 × 16384 is beyond the limit of 178956970 pixels"],
  ["a JPEG of nothing but fill bytes", new Uint8Array(1 << 20).fill(0xff).with(1, 0xd8), "JPEG: the file is cut short"],
  [
    "a JPEG of empty segments",
    new Uint8Array(1 << 20)
      .map((_, i) => [0xff, 0xe0, 0, 1][i % 4] ?? 0)
      .with(1, 0xd8)
      .with(2, 0xff),
    "JPEG:",
  ],
])("%s is refused at once", async (_, file, message) => {
  const { time, memory } = await cost(() => expect(decodeImage(file)).rejects.toThrow(message));
  expect(time).toBeLessThan(1000);
  expect(memory).toBeLessThan(100);
});

const clip = ImageProcessor.fromConfig({
  image_processor_type: "CLIPImageProcessor",
  size: { shortest_edge: 224 },
  crop_size: 224,
  resample: 3,
});
const square = ImageProcessor.fromConfig({ size: 224 });
const strip = (width: number, height: number): RgbImage => ({ width, height, data: new Uint8Array(3 * width * height).fill(9) });
test.each<[string, ImageProcessor, RgbImage]>([
  ["high, the middle cut out", clip, strip(1, 20_000)],
  ["wide, the middle cut out", clip, strip(20_000, 1)],
  ["high, squeezed", square, strip(1, 50_000)],
  ["wide, squeezed", square, strip(50_000, 1)],
])("a strip takes no more than its result: %s", async (_, processor, image) => {
  const { time, memory } = await cost(async () => {
    using pixels = await processor.process(image);
    expect(pixels.shape).toEqual([1, 3, 224, 224]);
  });
  expect(time).toBeLessThan(1000);
  expect(memory).toBeLessThan(100);
});

test("sizes beyond the limit aren't resized to", async () => {
  const shortest = ImageProcessor.fromConfig({
    image_processor_type: "CLIPImageProcessor",
    do_center_crop: false,
    size: { shortest_edge: 224 },
  });
  await expect(shortest.process(strip(1, 20_000))).rejects.toThrow(
    "an image of 1 × 20000 resized to 224 × 4480000 is beyond the limit of 16777216 pixels (maxPixels)",
  );
  const to = (height: number, width: number): ImageProcessor =>
    ImageProcessor.fromConfig({ image_processor_type: "ViTImageProcessor", size: { height, width } });
  await expect(to(4097, 4096).process(strip(8, 8))).rejects.toThrow(
    "8 × 8 resized to 4096 × 4097 is beyond the limit of 16777216 pixels (maxPixels)",
  );
  await expect(shortest.process(strip(1, 4), { maxSide: 895 })).rejects.toThrow(
    "1 × 4 resized to 224 × 896 is beyond the limit of 895 pixels a side (maxSide)",
  );
  expect(() => to(1, 65_537)).toThrow('size should be whole numbers of pixels from 1 to 65536, but is {"height":1,"width":65537}');
});

test.each([
  "rgb.png",
  "type2-8-interlaced.png",
  "q85-s2.jpg",
  "progressive.jpg",
  "cmyk.jpg",
  "noise.gif",
  "lossy.webp",
  "lossless.webp",
  "animated-lossy.webp",
  "bits24.bmp",
  "bits4.bmp",
  "runs8.bmp",
])("%s cut short says so, wherever it is cut", async (name) => {
  const whole = read(name);
  const needed = name.endsWith(".png") ? whole.length - 24 : name.endsWith(".gif") ? whole.length - 4 : whole.length - 1; // ends that nothing is lost with
  for (let length = 32; length < needed; length += Math.ceil(needed / 50)) {
    await expect(decodeImage(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(/: the file is cut short: /);
  }
});

test("a picture is damaged, or cut short, or something else: never one for the other", async () => {
  const bad = (name: string, at: number, ...bytes: number[]): Uint8Array => {
    const file = read(name);
    file.set(bytes, at < 0 ? file.length + at : at);
    return file;
  };
  const refused = (file: Uint8Array) => expect(decodeImage(file)).rejects;
  await refused(bad("rgb.png", 24, 3)).toThrow("PNG: the file is damaged: the checksum of IHDR is wrong");
  await refused(png({ depth: 4 })).toThrow("PNG: the file is damaged: there is no colour type 2 with 4 bits");
  await refused(png({ type: 3 })).toThrow("PNG: the file is damaged: a picture by palette without a palette");
  await refused(png({ pixels: Buffer.of(7, 0, 0, 0) })).toThrow("PNG: the file is damaged: row 0 has filter 7");
  const inPixels = Buffer.from(read("type2-8.png")).lastIndexOf("IDAT") + 60;
  await refused(bad("type2-8.png", inPixels, 1, 2, 3)).toThrow(
    /PNG: the file is damaged: (its compressed data|the checksum of its pixels|row)/,
  );
  const chunkSum = bad("rgb.png", -16, 0, 0); // wrong in the chunk, but the pixels' own is right
  expect((await decodeImage(chunkSum)).data).toEqual((await decodeImage(read("rgb.png"))).data);
  const noStream = png({});
  noStream.set([0, 0], noStream.indexOf(0x78, 40));
  await refused(noStream).toThrow("PNG: the file is damaged: its compressed data: invalid zlib data");
  const frame = Buffer.from(read("q85-s2.jpg")).indexOf(Buffer.from([0xff, 0xc0]));
  await refused(bad("q85-s2.jpg", frame + 4, 12)).toThrow("JPEG: 12 bits a channel can't be read here");
  await refused(bad("q85-s2.jpg", frame + 1, 0xc9)).toThrow("JPEG: arithmetic coding can't be read here");
  await refused(bad("q85-s2.jpg", frame + 1, 0xc3)).toThrow("JPEG: lossless or hierarchical coding can't be read here");
  await refused(bad("q85-s2.jpg", frame + 9, 2)).toThrow("JPEG: 2 channels can't be read here");
  await refused(bad("bits24.bmp", 28, 2)).toThrow("BMP: 2 bits a pixel can't be read here");
  await refused(bad("bits24.bmp", 30, 4)).toThrow("BMP: a JPEG inside can't be read here");
  await refused(bad("bits24.bmp", 14, 41)).toThrow("BMP: a header of 41 bytes can't be read here");
  await refused(bad("fields565.bmp", 54, 1)).toThrow("BMP: bit fields 0xf801, 0x7e0, 0x1f, 0x0 of 16 bits can't be read here");
  await refused(bad("lossy.webp", 12, 0x58)).toThrow('WebP: the file is damaged: it begins with "XP8 "');
  await refused(bad("lossy.webp", 23, 0)).toThrow("WebP: the file is damaged: its pixels can't be decoded");
});
