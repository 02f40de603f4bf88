/** JPEG by libjpeg-turbo, which Pillow has, too: the same bytes. What stands before the pixels is read as Pillow reads it, past stray bytes. */
import { wasm } from "../../generated/jpeg-turbo.ts";
import type { RgbImage } from "../rgb-image.ts";
import type { EncodedImage, Notes } from "./encoded-image.ts";
import { FileView, latin1 } from "./file-view.ts";
import { compile, WasmCodec } from "./wasm-codec.ts";

const compiled = compile(wasm);

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** Markers, without the 0xFF before them. */
const [START, END, SCAN, APP1] = [0xd8, 0xd9, 0xda, 0xe1];
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Restarts and others that no length follows. */
const isAlone = (marker: number): boolean => marker <= 0x01 || (marker >= 0xd0 && marker <= START) || marker === 0xff;

/** @param maxScans pictures of more are refused: each takes a pass over all of it */
export function openJpeg(bytes: Uint8Array, { maxScans }: { readonly maxScans: number }): EncodedImage {
  const file = new FileView("JPEG", bytes);
  const { frame, notes, scanAt } = readHeader(file);
  const scans = countScans(file, scanAt);
  // A block of 8 × 8 pixels takes a bit at least; without this check a few bytes would take the memory and time of a huge picture.
  if (frame.width * frame.height > 8 * 64 * file.length)
    throw file.cutShort(`${file.length} bytes don't make ${frame.width} × ${frame.height} pixels`);
  if (scans > maxScans) throw file.unread(`a picture in ${scans} passes, beyond the limit of ${maxScans} (maxScans),`);
  return { width: frame.width, height: frame.height, notes, decode: () => decode(file, frame) };
}

/** Up to the first scan. */
function readHeader(file: FileView): { frame: Frame; notes: Notes; scanAt: number } {
  let frame: Frame | undefined;
  const exif: Uint8Array[] = [];
  let xmp: string | undefined;
  for (let at = nextMarker(file, 2); ; at = nextMarker(file, at)) {
    const marker = file.uint8(at);
    if (isAlone(marker)) {
      if (marker !== 0xff) at++; // of many 0xFF the last one counts
      continue;
    }
    if (marker === END) throw file.damaged("it ends before any pixels");
    const segment = file.slice(at + 3, Math.max(0, file.uint16(at + 1) - 2));
    if (isFrame(marker)) frame = readFrame(file, at, marker);
    if (marker === SCAN) {
      if (!frame) throw file.damaged("pixels come before the frame that says their size");
      return { frame, notes: { exif: exif.length > 0 ? joined(exif) : undefined, xmp }, scanAt: at };
    }
    if (marker === APP1 && startsWith(segment, "Exif\0\0")) exif.push(segment.subarray(6));
    if (marker === APP1 && startsWith(segment, "http://ns.adobe.com/xap/1.0/\0")) xmp = latin1(segment);
    at += 3 + segment.length;
  }
}

/** Behind the next 0xFF; anything else before it is passed over. */
function nextMarker(file: FileView, start: number): number {
  const at = file.bytes.indexOf(0xff, start);
  if (at < 0) throw file.cutShort("it ends before any pixels");
  return at + 1;
}

function readFrame(file: FileView, at: number, marker: number): Frame {
  const coding = { 0: "baseline", 1: "extended", 2: "progressive" }[marker & 15];
  if (!coding) throw file.unread(marker >= 0xc9 ? "arithmetic coding" : "lossless or hierarchical coding");
  const bits = file.uint8(at + 3);
  if (bits !== 8) throw file.unread(`${bits} bits a channel`);
  const components = file.uint8(at + 8);
  if (![1, 3, 4].includes(components)) throw file.unread(`${components} channels`);
  return { height: file.uint16(at + 4), width: file.uint16(at + 6), components };
}

/** @throws ImageError when the end doesn't come */
function countScans(file: FileView, firstAt: number): number {
  const { bytes } = file;
  let scans = 0;
  for (let at = firstAt; at < bytes.length;) {
    const marker = bytes[at] ?? 0;
    if (marker === END) return scans;
    if (marker === SCAN) scans++;
    if (!isAlone(marker)) at += file.uint16(at + 1);
    const next = bytes.indexOf(0xff, at);
    if (next < 0) break;
    at = next + 1;
  }
  throw file.cutShort("its end marker is missing");
}

const [TJPF_RGB, TJPF_CMYK] = [0, 11];

async function decode(file: FileView, { width, height, components }: Frame): Promise<RgbImage> {
  const codec = await WasmCodec.start("JPEG", compiled);
  const channels = components === 4 ? 4 : 3;
  const source = codec.lend(file.bytes);
  const target = codec.allocate(channels * width * height);
  const decompressor = codec.call("tjInitDecompress");
  const format = components === 4 ? TJPF_CMYK : TJPF_RGB;
  // It gives −1 for mere warnings, too, which Pillow doesn't look at either; for errors it gives up.
  codec.call("tjDecompress2", decompressor, source, file.length, target, width, channels * width, height, format, 0);
  const pixels = codec.view(target, channels * width * height);
  return { width, height, data: components === 4 ? fromInks(pixels) : pixels.slice() };
}

/** Cyan, magenta, yellow and black, stored inverted as Adobe does it, to red, green and blue as Pillow does it. */
function fromInks(inks: Uint8Array): Uint8Array {
  const colours = new Uint8Array((inks.length / 4) * 3);
  for (let i = 0, to = 0; i < inks.length; i += 4) {
    const light = inks[i + 3] ?? 0;
    for (let c = 0; c < 3; c++) {
      const product = (255 - (inks[i + c] ?? 0)) * light + 128;
      colours[to++] = light - (((product >> 8) + product) >> 8);
    }
  }
  return colours;
}

const startsWith = (bytes: Uint8Array, text: string): boolean => latin1(bytes.subarray(0, text.length)) === text;

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
