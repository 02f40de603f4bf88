/** What a kernel does with tensors of a TensorFlow.js backend: any backend reads and writes arrays. */
import { ArgumentError, tensor, type Tensor } from "@x/layers";
import type { DataType, KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";

/** A copy in our memory, freed with the scope. */
export function read(backend: KernelBackend, info: TensorInfo, shape: readonly number[] = info.shape): Tensor {
  return tensor(values(backend, info), shape);
}

/** The numbers of a tensor: of complex ones, real and imaginary parts in turn. */
export function values(backend: KernelBackend, { dataId, dtype }: TensorInfo): Float32Array {
  const found = backend.readSync(dataId);
  if (found instanceof Float32Array) return found;
  if (found instanceof Int32Array || found instanceof Uint8Array) return Float32Array.from(found);
  throw new ArgumentError("tfjs", "numbers are needed", `the tensor holds ${dtype}`);
}

/** A new tensor of the backend. Complex numbers lie as pairs in a float32 buffer. */
export function write(backend: KernelBackend, data: Float32Array, shape: readonly number[], dtype: DataType = "float32"): TensorInfo {
  const stored = dtype === "complex64" ? [...shape, 2] : [...shape];
  return { dataId: backend.write(data, stored, "float32"), shape: [...shape], dtype };
}
