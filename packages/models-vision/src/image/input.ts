import { readFile } from "#read-file";
import { download, isError, kindOf } from "@x/layers/model";
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

/** How it is read. */
export interface ReadOptions {
  readonly maxBytes: number;
  readonly idleTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * By shape, not by class: values may come from another realm.
 * @throws ImageError that says what came instead; the signal's reason when aborted
 */
export async function readInput(input: ImageInput, options: ReadOptions): Promise<Read> {
  options.signal?.throwIfAborted();
  const kind = kindOf(input);
  if (typeof input === "string" || kind === "URL") {
    const place = String(input);
    return { bytes: await readPlace(place, options), place: place.length > 200 ? `${place.slice(0, 200)}…` : place };
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
  if ("arrayBuffer" in input && typeof input.arrayBuffer === "function") return { bytes: await bytesOf(input, kind, options) };
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

/** A Blob's or a File's, whose length is known; a Response's as they come. */
async function bytesOf(
  blob: { arrayBuffer(): Promise<ArrayBuffer> },
  kind: string,
  { maxBytes, signal }: ReadOptions,
): Promise<Uint8Array> {
  const tooLong = (): ImageError => new ImageError(`the ${kind} is beyond the limit of ${maxBytes} bytes (maxBytes)`);
  if ("size" in blob && Number(blob.size) > maxBytes) throw tooLong();
  try {
    if (!("body" in blob) || kindOf(blob.body) !== "ReadableStream") return new Uint8Array(await blob.arrayBuffer());
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const reader = (blob.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader(); // Safari's streams can't be looped over
    for (let length = 0; ;) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
      length += value.length;
      parts.push(value);
      if (length <= maxBytes && signal?.aborted !== true) continue;
      await reader.cancel();
      signal?.throwIfAborted();
      throw tooLong();
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ImageError) throw cause;
    throw new ImageError(`the ${kind}'s bytes can't be read: ${reasonOf(cause)}`, { cause });
  }
}

async function readPlace(place: string, { maxBytes, idleTimeout, signal }: ReadOptions): Promise<Uint8Array> {
  if (place === "") throw notAnImage("an empty string");
  const isAddress = /^(https?|data|blob):/i.test(place);
  try {
    return await (isAddress ? download(place, { mostBytes: maxBytes, limit: "maxBytes", idleTimeout, signal }) : readFile(place, maxBytes));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ImageError) throw cause;
    throw new ImageError(isAddress && isError(cause) ? cause.message : `${place.slice(0, 200)}: can't be read: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** The innermost cause says why: a name that isn't known, a certificate, a refused connection. */
function reasonOf(error: unknown): string {
  if (!isError(error)) return String(error);
  return isError(error.cause) ? `${error.message}: ${reasonOf(error.cause)}` : error.message;
}
