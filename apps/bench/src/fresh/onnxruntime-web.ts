import { env, InferenceSession, Tensor } from "onnxruntime-web";
import { isBrowser } from "../runtimes/names.ts";
import { onnxOutput } from "./onnxruntime.ts";
import type { FirstOutput, FreshTask } from "./task.ts";

export function firstOutput(task: FreshTask): Promise<FirstOutput> {
  env.wasm.numThreads = task.threads;
  const inPage = isBrowser(task.runtime);
  if (inPage) env.wasm.wasmPaths = new URL("/onnxruntime-web/", location.href).href;
  const model = inPage ? new URL("/files/model.onnx", location.href).href : `${task.folder}/model.onnx`;
  return onnxOutput({ InferenceSession, Tensor }, model, task, { executionProviders: ["wasm"] });
}
