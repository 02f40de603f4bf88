/** Complex tensors: real and imaginary part of each number side by side, in one buffer that the backend frees as it does any other. */
import { Complex, Imag, type KernelBackend, type KernelConfig, Real, type TensorInfo } from "@tensorflow/tfjs-core";
import { values, write } from "./backend.ts";
import { inputs } from "./kernel.ts";

/** real (…), imag (…) → complex (…) */
function complex(backend: KernelBackend, { real, imag }: { readonly real: TensorInfo; readonly imag: TensorInfo }): TensorInfo {
  const [re, im] = [values(backend, real), values(backend, imag)];
  const pairs = new Float32Array(2 * re.length);
  for (const [i, value] of re.entries()) {
    pairs[2 * i] = value;
    pairs[2 * i + 1] = im[i] ?? 0;
  }
  return write(backend, pairs, real.shape, "complex64");
}

/** Every other number, from `offset` on. Of a real tensor, itself or zeros. */
function part(backend: KernelBackend, input: TensorInfo, offset: 0 | 1): TensorInfo {
  const found = values(backend, input);
  if (input.dtype !== "complex64") return write(backend, offset === 0 ? found : new Float32Array(found.length), input.shape);
  const length = found.length / 2;
  return write(
    backend,
    Float32Array.from({ length }, (_, i) => found[2 * i + offset] ?? 0),
    input.shape,
  );
}

export const complexKernels = (backendName: string): KernelConfig[] => [
  { kernelName: Complex, backendName, kernelFunc: inputs(["real", "imag"], (backend, [real, imag]) => complex(backend, { real, imag })) },
  { kernelName: Real, backendName, kernelFunc: inputs(["input"], (backend, [input]) => part(backend, input, 0)) },
  { kernelName: Imag, backendName, kernelFunc: inputs(["input"], (backend, [input]) => part(backend, input, 1)) },
];
