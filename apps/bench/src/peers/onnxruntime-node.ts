import { isBrowser } from "../runtimes/names.ts";
import { prepareSession } from "./onnxruntime.ts";
import type { Peer } from "./peer.ts";

export const NATIVE = "a native library; browsers load none";

/** ONNX Runtime's native library on the CPU, with the widest vectors that the machine has. */
export const onnxruntimeNode: Peer = {
  name: "onnxruntime-node",
  prepare: async (task, { threads, runtime }) => {
    if (isBrowser(runtime)) throw new Error(NATIVE);
    const ort = await import("onnxruntime-node");
    return prepareSession("onnxruntime-node", ort, task, { executionProviders: ["cpu"], intraOpNumThreads: threads });
  },
};
