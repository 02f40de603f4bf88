import { fft, noGrad } from "@x/layers";
import { FFT, IFFT, type KernelBackend, type KernelConfig, type TensorInfo } from "@tensorflow/tfjs-core";
import { read, write } from "./backend.ts";
import { inputs } from "./kernel.ts";

/** input (…, N), complex → (…, N), complex */
const transform = (backend: KernelBackend, input: TensorInfo, inverse: boolean): TensorInfo =>
  noGrad(() => {
    const pairs = fft(read(backend, input, [...input.shape, 2]), { inverse });
    return write(backend, pairs.toTypedArray(), input.shape, "complex64");
  });

export const fftKernels = (backendName: string): KernelConfig[] => [
  { kernelName: FFT, backendName, kernelFunc: inputs(["input"], (backend, [input]) => transform(backend, input, false)) },
  { kernelName: IFFT, backendName, kernelFunc: inputs(["input"], (backend, [input]) => transform(backend, input, true)) },
];
