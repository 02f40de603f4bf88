/** What the two builds of ONNX Runtime have in common. */
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from "onnxruntime-node";
import type { Contender, Task } from "../case.ts";

interface OnnxRuntime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** A session with every optimisation that ONNX Runtime has: fusions, prepacked weights, memory reuse. */
export async function prepareSession(
  name: string,
  { InferenceSession: Session, Tensor }: OnnxRuntime,
  { onnx }: Task,
  options: InferenceSession.SessionOptions,
): Promise<Contender> {
  if (!onnx) throw new Error("this case has no ONNX graph");
  const session = await Session.create(onnx.model(), {
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    enableCpuMemArena: true,
    enableMemPattern: true,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    ...options,
  });
  const feeds = Object.fromEntries(
    Object.entries(onnx.inputs).map(
      ([input, { dims, data }]) =>
        [input, data instanceof Float32Array ? new Tensor("float32", data, dims) : new Tensor("int64", data, dims)] as const,
    ),
  );
  const [output = ""] = session.outputNames;
  return {
    name,
    run: async () => {
      const { [output]: result } = await session.run(feeds);
      if (!(result?.data instanceof Float32Array)) throw new Error(`${name} gave no float32 output`);
      return result.data;
    },
    dispose: () => session.release(),
  };
}
