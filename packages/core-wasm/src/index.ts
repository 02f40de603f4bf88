export { at, Block, type BlockOwner, type Operand } from "./block.ts";
export { Core, type CoreOptions, type KernelArguments, type KernelName, type ScratchKernelArguments } from "./core.ts";
export { CoreError, OutOfMemoryError } from "./errors.ts";
export {
  type Activation,
  convolutionOutputs,
  fourierMixPanelsLength,
  int8PanelsBytes,
  int8RowsBytes,
  type Interpolation,
  type Kernels,
  packedPanelsLength,
  type PatchLayout,
  sumOfSquaresPartialsBytes,
  winogradTiles,
} from "./generated/kernels.ts";
export { type DType, type TypedArrays, WasmMemory } from "./memory.ts";
export { detectSimd, type Simd } from "./simd-support.ts";
export { MATMUL_SCRATCH, matmulUnits, packPanelsUnits, packPatchesUnits, packRowsUnits, winogradScratch } from "./scratch.ts";
export { INT8_MATMUL_SCRATCH, int8PanelsUnits, int8RowsUnits } from "./scratch.ts";
export { fftRowsScratch, fftRowsUnits, fourierMixColumnsScratch, fourierMixColumnsUnits } from "./scratch.ts";
export { fourierMixRowsScratch, fourierMixRowsUnits } from "./scratch.ts";
export { attentionBackwardScratch, attentionBackwardUnits, attentionScratch, attentionUnits } from "./scratch.ts";
