import type { Peer } from "./peer.ts";

/** TensorFlow.js on its WebAssembly backend. */
export const tfjs: Peer = {
  name: "tfjs-wasm",
  prepare: async ({ tensorFlow }, threads) => {
    if (threads > 1) throw new Error("its threads don't start in Node (ERR_WORKER_PATH)");
    if (!tensorFlow) throw new Error("this case isn't written for it");
    const tf = await import("@tensorflow/tfjs");
    await import("@tensorflow/tfjs-backend-wasm");
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
