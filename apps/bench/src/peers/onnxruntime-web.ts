import { isBrowser } from "../runtimes/names.ts";
import { prepareSession } from "./onnxruntime.ts";
import type { Peer } from "./peer.ts";

/**
 * ONNX Runtime compiled to WebAssembly. In Node it sets `globalThis.Worker` when it starts threads, hence it is loaded only after our engine has
 * started. The number of threads is fixed for the process with the first session.
 */
export const onnxruntimeWeb: Peer = {
  name: "onnxruntime-web",
  prepare: async (task, { threads, runtime }) => {
    // Seen with 1.30.0 in Deno 2.9.6: Swin never ends, ViT does.
    if (runtime === "deno" && threads > 1) throw new Error("with more than one thread it hangs in Deno on some graphs (Swin)");
    const ort = await import("onnxruntime-web");
    ort.env.wasm.numThreads = threads;
    if (isBrowser(runtime)) ort.env.wasm.wasmPaths = new URL("/onnxruntime-web/", location.href).href;
    return prepareSession("onnxruntime-web", ort, task, { executionProviders: ["wasm"] });
  },
};
