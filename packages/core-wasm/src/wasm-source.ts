import { CoreError } from "./errors.ts";
import type { Build } from "./simd-support.ts";

/** A build, from what travels inside the JavaScript. Only the chosen one is loaded. */
export async function embedded(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  const { wasm } = build === "relaxed" ? await import("./generated/relaxed.ts") : await import("./generated/plain.ts");
  const deflated = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

/** Compiles a build for a memory that is shared, as it is in the file, or isn't. */
export const compiled = (wasm: Uint8Array<ArrayBuffer>, shared: boolean): Promise<WebAssembly.Module> =>
  WebAssembly.compile(shared ? wasm : withUnsharedMemory(wasm));

// The import "env" "memory": kind 2 (a memory), limits 3 (shared, with a maximum).
const MEMORY_IMPORT = [3, ..."env".split("").map(code), 6, ..."memory".split("").map(code), 2, 3];

/**
 * The same module for a memory that isn't shared: one flag in the import section differs. Atomic instructions aren't used, so
 * one binary serves both.
 */
function withUnsharedMemory(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = wasm.findIndex((_, start) => MEMORY_IMPORT.every((byte, offset) => wasm[start + offset] === byte));
  if (at < 0) throw new CoreError('the WebAssembly module does not import the shared memory "env.memory", so it is not one of ours');
  const copy = wasm.slice();
  copy[at + MEMORY_IMPORT.length - 1] = 1;
  return copy;
}

function code(character: string): number {
  return character.charCodeAt(0);
}
