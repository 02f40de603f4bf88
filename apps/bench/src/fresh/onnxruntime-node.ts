import { InferenceSession, Tensor } from "onnxruntime-node";
import { onnxOutput } from "./onnxruntime.ts";
import type { FirstOutput, FreshTask } from "./task.ts";

export const firstOutput = (task: FreshTask): Promise<FirstOutput> =>
  onnxOutput({ InferenceSession, Tensor }, `${task.folder}/model.onnx`, task, {
    executionProviders: ["cpu"],
    intraOpNumThreads: task.threads,
    interOpNumThreads: 1,
  });
