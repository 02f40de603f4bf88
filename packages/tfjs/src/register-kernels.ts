import { getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core";
import { engine } from "@x/layers/model";
import { complexKernels } from "./complex.ts";
import { convolutionKernels } from "./conv2d-backprop-filter.ts";
import { fftKernels } from "./fft.ts";
import { segmentKernels } from "./unsorted-segment-sum.ts";

/** Takes the kernels back out, also as `using`. */
export interface Registration extends Disposable {
  /** Names of the kernels that the backend had not. */
  readonly kernels: readonly string[];
  dispose(): void;
}

/**
 * Gives a TensorFlow.js backend the kernels that it lacks; what it has stays. Its WebAssembly backend thus gets complex tensors (`Complex`, `Real`, `Imag`),
 * `FFT` and `IFFT` with everything in `tf.spectral`, and the gradients of embeddings (`UnsortedSegmentSum`) and convolutions (`Conv2DBackpropFilter`), so
 * that transformers can be trained on it. Call `await init()` of @x/layers first.
 * @param backendName default "wasm"
 * @throws TensorError when the engine has not started
 */
export function registerKernels(backendName = "wasm"): Registration {
  engine();
  const lacking = [complexKernels, fftKernels, segmentKernels, convolutionKernels]
    .flatMap((kernels) => kernels(backendName))
    .filter(({ kernelName }) => getKernel(kernelName, backendName) === undefined);
  for (const kernel of lacking) registerKernel(kernel);
  let registered = true;
  const dispose = (): void => {
    if (registered) for (const { kernelName } of lacking) unregisterKernel(kernelName, backendName);
    registered = false;
  };
  return { kernels: lacking.map(({ kernelName }) => kernelName), dispose, [Symbol.dispose]: dispose };
}
