// The least that a page needs to run a ViT with TensorFlow.js's WebAssembly backend, by named imports; its WebAssembly file comes besides.
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import {
  add,
  concat,
  erf,
  fused,
  matMul,
  mean,
  mul,
  reshape,
  rsqrt,
  setBackend,
  slice,
  softmax,
  squaredDifference,
  sub,
  tensor,
  tidy,
  transpose,
} from "@tensorflow/tfjs";

setWasmPaths("/");
await setBackend("wasm");
Object.assign(globalThis, {
  model: { add, concat, erf, fused, matMul, mean, mul, reshape, rsqrt, slice, softmax, squaredDifference, sub, tensor, tidy, transpose },
});
