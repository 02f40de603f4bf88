import { readFile } from "#read-file";
import { isError, kindOf } from "@x/layers/model";
import { rgbOf } from "./channels.ts";
import { ImageError, type RgbImage } from "./rgb-image.ts";

/** Decoded pixels: grey, red-green-blue, or with alpha, a byte each; which, is told by their number. `ImageData` is one. */
export interface PixelData {
  readonly width: number;
  readonly height: number;
  /** height × width × (1, 2, 3 or 4); alpha, which comes last, is dropped. */
  readonly data: ArrayLike<number>;
}

/**
 * What counts as an image: an encoded file's bytes, a `Blob`, `File` or `Response` that has them, decoded pixels (`ImageData`, too), or where the
 * file is: an address (`https:`, `file:`, `data:`, `blob:`) as string or `URL`, and in Node, Deno and Bun a path.
 */
export type ImageInput = ArrayBufferLike | ArrayBufferView | { arrayBuffer(): Promise<ArrayBuffer> } | PixelData | string | URL;

type Read =
  | { readonly image: RgbImage }
  | { readonly bytes: Uint8Array; /** For messages; undefined where nothing has a name. */ readonly place?: string | undefined };

/** By shape, not by class: values may come from another realm. @throws ImageError that says what came instead */
export async function readInput(input: ImageInput, maxBytes: number): Promise<Read> {
  const kind = kindOf(input);
  if (typeof input === "string" || kind === "URL") {
    const place = String(input);
    return { bytes: await readPlace(place, maxBytes), place: place.length > 200 ? `${place.slice(0, 200)}…` : place };
  }
  if (ArrayBuffer.isView(input)) {
    if (!["Uint8Array", "Uint8ClampedArray", "Int8Array", "DataView"].includes(kind))
      throw notAnImage(`a ${kind}, whose numbers aren't bytes`);
    return { bytes: new Uint8Array(input.buffer, input.byteOffset, input.byteLength) };
  }
  if (kind === "ArrayBuffer" || kind === "SharedArrayBuffer") return { bytes: new Uint8Array(input as ArrayBufferLike) };
  if (typeof input !== "object" || input === null)
    throw notAnImage(input === undefined || input === null ? String(input) : `a ${typeof input}`);
  if ("then" in input) throw notAnImage("a promise; await it first");
  if ("arrayBuffer" in input && typeof input.arrayBuffer === "function") return { bytes: await bytesOfBlob(input, kind) };
  if ("data" in input && "width" in input && "height" in input && isListOfNumbers(input.data)) {
    return { image: rgbOf(input.width, input.height, input.data) };
  }
  if ("getContext" in input) throw notAnImage("a canvas; give context.getImageData(0, 0, width, height)");
  if (/^HTML|^SVG|^ImageBitmap$|^VideoFrame$/.test(kind)) throw notAnImage(`a ${kind}; draw it on a canvas and give its getImageData`);
  throw notAnImage(Array.isArray(input) ? "an array" : `an object (${kind}) with ${JSON.stringify(Object.keys(input).slice(0, 8))}`);
}

const notAnImage = (found: string): ImageError =>
  new ImageError(`an image is a file's bytes, a Blob, { width, height, data }, a path or an address, but this is ${found}`);

const isListOfNumbers = (data: unknown): data is ArrayLike<number> =>
  (ArrayBuffer.isView(data) && kindOf(data) !== "DataView" && !kindOf(data).startsWith("Big")) || Array.isArray(data);

async function bytesOfBlob(blob: { arrayBuffer(): Promise<ArrayBuffer> }, kind: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new ImageError(`the ${kind}'s bytes can't be read: ${reasonOf(cause)}`, { cause });
  }
}

async function readPlace(place: string, maxBytes: number): Promise<Uint8Array> {
  if (place === "") throw notAnImage("an empty string");
  try {
    return await (/^(https?|data|blob):/i.test(place) ? download(place, maxBytes) : readFile(place, maxBytes));
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    throw new ImageError(`${place.slice(0, 200)}: can't be read: ${reasonOf(cause)}`, { cause });
  }
}

/** @throws ImageError when the server doesn't give it, or it is too long */
async function download(address: string, maxBytes: number): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new ImageError(`${address}: can't be read: the server says ${response.status} ${response.statusText}`.trimEnd());
  const tooLong = (): ImageError => new ImageError(`${address.slice(0, 200)}: beyond the limit of ${maxBytes} bytes (maxBytes)`);
  if (Number(response.headers.get("content-length")) > maxBytes) throw tooLong();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = (response.body ?? new Blob().stream()).getReader(); // Safari's streams can't be looped over
  for (let length = 0; ;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw tooLong();
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The innermost cause says why: a name that isn't known, a certificate, a refused connection. */
function reasonOf(error: unknown): string {
  if (!isError(error)) return String(error);
  return isError(error.cause) ? `${error.message}: ${reasonOf(error.cause)}` : error.message;
}
