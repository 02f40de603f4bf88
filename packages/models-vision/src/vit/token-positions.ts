import { concat, slice, type Tensor, zeros } from "@x/layers";
import { patchGrid, resamplePositions } from "@x/layers/model";
import type { EncoderConfig } from "./encoder-config.ts";

/** Which of T special tokens, the first, have positions, and what the table was made for. */
export interface Placing {
  readonly numSpecialTokens: number;
  readonly numPlaced: number;
  readonly config: Pick<EncoderConfig, "imageSize" | "patchSize" | "positionInterpolation">;
}

/** The table (1, numPlaced + N, D) for another grid, with zeros for the special tokens that have no positions → (1, T + rows · columns, D). */
export function tokenPositions(
  table: Tensor,
  { numSpecialTokens, numPlaced, config }: Placing,
  grid: readonly [rows: number, columns: number],
): Tensor {
  const own = patchGrid(config.imageSize, config.patchSize);
  const positions = resamplePositions(table, numPlaced, own, grid, config.positionInterpolation);
  if (numPlaced === numSpecialTokens) return positions;
  const nowhere = zeros([1, numSpecialTokens - numPlaced, table.shape[2] ?? 0]);
  return concat([slice(positions, 1, 0, numPlaced), nowhere, slice(positions, 1, numPlaced)], 1);
}
