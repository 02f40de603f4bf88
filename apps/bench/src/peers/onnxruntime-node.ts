import type { Peer } from "./peer.ts";
import { prepareSession } from "./onnxruntime.ts";

/** ONNX Runtime's native library on the CPU, with the widest vectors that the machine has. */
export const onnxruntimeNode: Peer = {
  name: "onnxruntime-node",
  prepare: async (task, threads) => {
    const ort = await import("onnxruntime-node");
    return prepareSession("onnxruntime-node", ort, task, { executionProviders: ["cpu"], intraOpNumThreads: threads });
  },
};
