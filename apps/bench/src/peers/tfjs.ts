import { isBrowser } from "../runtimes/names.ts";
import type { Peer } from "./peer.ts";

/** TensorFlow.js on its WebAssembly backend: one thread. It finds no more in Node, Deno and Bun, and with more it doesn't start in a bundled page. */
export const tfjs: Peer = {
  name: "tfjs-wasm",
  prepare: async ({ tensorFlow }, { threads, runtime }) => {
    if (threads > 1) throw new Error("it has one thread in Node, Deno and Bun, and does not start with more in a bundled page");
    if (!tensorFlow) throw new Error("this case isn't written for it");
    const tf = await import("@tensorflow/tfjs");
    const backend = await import("@tensorflow/tfjs-backend-wasm");
    if (isBrowser(runtime)) {
      tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
      backend.setWasmPaths("/@tensorflow/tfjs-backend-wasm/");
    }
    if (!(await tf.setBackend("wasm"))) throw new Error("its WebAssembly backend doesn't start");
    await tf.ready();
    tf.engine().startScope("task"); // owns the weights
    const compute = tensorFlow(tf);
    return {
      name: "tfjs-wasm",
      run: () => {
        tf.engine().startScope("run");
        const data = compute().dataSync<"float32">();
        tf.engine().endScope();
        return data;
      },
      dispose: () => tf.engine().endScope(),
    };
  },
};
