import { ImageError } from "../rgb-image.ts";

/** The bytes of a file. Whoever reads beyond their end learns that the file is cut short. */
export class FileView {
  readonly bytes: Uint8Array;
  readonly #format: string;
  readonly #view: DataView;

  /** @param format for messages */
  constructor(format: string, bytes: Uint8Array) {
    this.bytes = bytes;
    this.#format = format;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  uint8(at: number): number {
    return this.#within(at, 1).getUint8(at);
  }

  uint16(at: number, littleEndian = false): number {
    return this.#within(at, 2).getUint16(at, littleEndian);
  }

  uint32(at: number, littleEndian = false): number {
    return this.#within(at, 4).getUint32(at, littleEndian);
  }

  slice(at: number, length: number): Uint8Array {
    this.#within(at, length);
    return this.bytes.subarray(at, at + length);
  }

  /** Letters, a byte each. */
  text(at: number, length: number): string {
    return latin1(this.slice(at, length));
  }

  cutShort(why: string): ImageError {
    return new ImageError(`${this.#format}: the file is cut short: ${why}`);
  }

  damaged(why: string, cause?: unknown): ImageError {
    return new ImageError(`${this.#format}: the file is damaged: ${why}`, { cause });
  }

  /** For what the file says rightly and isn't done here. */
  unread(what: string): ImageError {
    return new ImageError(`${this.#format}: ${what} can't be read here`);
  }

  #within(at: number, length: number): DataView {
    if (at < 0 || at + length > this.length) throw this.cutShort(`it has ${this.length} bytes, but speaks of ${at + length}`);
    return this.#view;
  }
}

export const latin1 = (bytes: Uint8Array): string => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
};
