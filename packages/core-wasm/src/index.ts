export { at, Block, type BlockOwner, type Operand } from "./block.ts";
export { Core, type CoreOptions } from "./core.ts";
export { fftPlan, type FftPlan } from "./fft-plan.ts";
export { CoreError, type ErrorDetails, OutOfMemoryError, XError } from "./errors.ts";
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
export { type Build, detectSimd, type Simd } from "./simd-support.ts";
export type { Tile } from "./tile.ts";
