import { CoreError } from "./errors.ts";
import type { Simd } from "./simd-support.ts";

/** The compiled kernels, from what travels inside the JavaScript. Only the chosen build is loaded. */
export async function embeddedModule(simd: Simd, shared: boolean): Promise<WebAssembly.Module> {
  const { wasm } = simd === "relaxed" ? await import("./generated/relaxed.ts") : await import("./generated/plain.ts");
  const deflated = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
  const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(inflated).arrayBuffer());
  return WebAssembly.compile(shared ? bytes : withUnsharedMemory(bytes));
}

// The import "env" "memory": kind 2 (a memory), limits 3 (shared, with a maximum).
const MEMORY_IMPORT = [3, ..."env".split("").map(code), 6, ..."memory".split("").map(code), 2, 3];

/**
 * The same module for a memory that isn't shared: one flag in the import section differs. Atomic instructions aren't used, so
 * one binary serves both.
 */
export function withUnsharedMemory(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = wasm.findIndex((_, start) => MEMORY_IMPORT.every((byte, offset) => wasm[start + offset] === byte));
  if (at < 0) throw new CoreError('the WebAssembly module does not import the shared memory "env.memory", so it is not one of ours');
  const copy = wasm.slice();
  copy[at + MEMORY_IMPORT.length - 1] = 1;
  return copy;
}

function code(character: string): number {
  return character.charCodeAt(0);
}
