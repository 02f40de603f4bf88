/** What the two builds of ONNX Runtime have in common. */
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from "onnxruntime-node";
import { type FirstOutput, type FreshTask, pixels } from "./task.ts";

/** @param model a path, or an address in pages */
export async function onnxOutput(
  { InferenceSession: Session, Tensor }: { readonly InferenceSession: InferenceSessionFactory; readonly Tensor: TensorConstructor },
  model: string,
  { imageSize, work }: FreshTask,
  options: InferenceSession.SessionOptions,
): Promise<FirstOutput> {
  if (work !== "forward") throw new Error("it doesn't train");
  const session = await Session.create(model, { graphOptimizationLevel: "all", logSeverityLevel: 3, ...options });
  const { logits } = await session.run({ images: new Tensor("float32", pixels(imageSize), [1, 3, imageSize, imageSize]) });
  if (!(logits?.data instanceof Float32Array)) throw new Error("it gave no float32 output");
  return { output: logits.data };
}
