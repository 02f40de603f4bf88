export { fourierMix } from "./fourier-mix.ts";
export { type Registration, registerKernels } from "./register-kernels.ts";
export { fromTfjs, toTfjs } from "./transfer.ts";
export { ArgumentError, init, TensorError, XError } from "@x/layers";
