export { Core, type CoreOptions, type KernelArguments, type KernelName, type ScratchKernelArguments } from "./core.ts";
export { CoreError, type ErrorDetails, OutOfMemoryError, XError } from "./errors.ts";
export { FftPlans } from "./fft-plans.ts";
export type { Kernels } from "./generated/kernels.ts";
export { WasmMemory } from "./memory.ts";
export { detectSimd, type Simd } from "./simd-support.ts";
export { MATMUL_SCRATCH, matmulUnits, packedPanelsLength, packPanelsUnits, packPatchesUnits, packRowsUnits } from "./scratch.ts";
export { winogradScratch, winogradTiles } from "./scratch.ts";
export { INT8_MATMUL_SCRATCH, int8PanelsBytes, int8PanelsUnits, int8RowsBytes, int8RowsUnits } from "./scratch.ts";
export {
  fftRowsScratch,
  fftRowsUnits,
  fourierMixColumnsScratch,
  fourierMixColumnsUnits,
  fourierMixPanelsLength,
  fourierMixRowsScratch,
  fourierMixRowsUnits,
} from "./scratch.ts";
export { attentionBackwardScratch, attentionBackwardUnits, attentionScratch, attentionUnits } from "./scratch.ts";
