import { ArgumentError, intTensor, tensor, type Tensor } from "@x/layers";
import { type Tensor as TfjsTensor, tensor as tfjsTensor } from "@tensorflow/tfjs-core";

/**
 * A copy of a TensorFlow.js tensor: float32, or int32 from int32 and bool. Waits for the backend; the original stays as it is.
 * @throws ArgumentError when it holds complex numbers or strings
 */
export async function fromTfjs(source: TfjsTensor): Promise<Tensor | Tensor<"int32">> {
  const data = await source.data();
  if (source.dtype === "float32" && data instanceof Float32Array) return tensor(data, source.shape);
  if ((source.dtype === "int32" || source.dtype === "bool") && data instanceof Object)
    return intTensor(Int32Array.from(data), source.shape);
  throw new ArgumentError("fromTfjs", "float32, int32 and bool can be taken over", `the tensor holds ${source.dtype}`);
}

/** A copy as a TensorFlow.js tensor on its present backend: it counts among tfjs's own and is freed as they are. The original stays as it is. */
export function toTfjs(source: Tensor | Tensor<"int32">): TfjsTensor {
  return tfjsTensor(source.toTypedArray(), [...source.shape], source.dtype);
}
