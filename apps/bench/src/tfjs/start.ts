import type { TensorFlow } from "../case.ts";
import { isBrowser, type RuntimeName } from "../runtimes/names.ts";

/**
 * TensorFlow.js on its WebAssembly backend: one thread. It finds no more in Node, Deno and Bun, and with more it doesn't start in a bundled page.
 * @throws Error when it can't start
 */
export async function startTensorFlow(runtime: RuntimeName, threads: number): Promise<TensorFlow> {
  if (threads > 1) throw new Error("it has one thread in Node, Deno and Bun, and does not start with more in a bundled page");
  const tf = await import("@tensorflow/tfjs");
  const backend = await import("@tensorflow/tfjs-backend-wasm");
  if (isBrowser(runtime)) {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    backend.setWasmPaths("/@tensorflow/tfjs-backend-wasm/");
  }
  if (!(await tf.setBackend("wasm"))) throw new Error("its WebAssembly backend doesn't start");
  await tf.ready();
  return tf;
}
