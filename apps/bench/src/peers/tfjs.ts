import { startTensorFlow } from "../tfjs/start.ts";
import type { Peer } from "./peer.ts";

/** TensorFlow.js on its WebAssembly backend. */
export const tfjs: Peer = {
  name: "tfjs-wasm",
  prepare: async ({ tensorFlow }, { threads, runtime }) => {
    if (!tensorFlow) throw new Error("this case isn't written for it");
    const tf = await startTensorFlow(runtime, threads);
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
