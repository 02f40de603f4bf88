import type { SourceFile } from "./source-file.ts";

const chunkBytes = 1 << 20;

/** A Blob or File as a readable file; the browser may keep it on disk. */
export function blobFile(blob: Blob, label: string): SourceFile {
  return {
    label,
    size: blob.size,
    async *stream(begin, end, signal) {
      for (let position = begin; position < end; position += chunkBytes) {
        signal?.throwIfAborted();
        yield new Uint8Array(await blob.slice(position, Math.min(end, position + chunkBytes)).arrayBuffer());
      }
    },
  };
}

/** Bytes in memory as a readable file; they aren't copied. */
export function bytesFile(bytes: Uint8Array, label: string): SourceFile {
  return {
    label,
    size: bytes.length,
    async *stream(begin, end, signal) {
      signal?.throwIfAborted();
      if (begin < end) yield bytes.subarray(begin, end);
    },
  };
}
