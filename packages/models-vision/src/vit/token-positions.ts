import { concat, type Interpolation, slice, type Tensor, zeros } from "@x/layers";
import { resamplePositions } from "@x/layers/model";

/** Which of T special tokens, the first, have positions. */
export interface SpecialTokenCount {
  readonly numSpecialTokens: number;
  readonly numPlaced: number;
}

/** The table (1, numPlaced + G·G, D) for another grid, with zeros for the special tokens that have no positions → (1, T + rows · columns, D). */
export function tokenPositions(
  table: Tensor,
  { numSpecialTokens, numPlaced }: SpecialTokenCount,
  grid: readonly [rows: number, columns: number],
  mode: Interpolation,
): Tensor {
  const positions = resamplePositions(table, numPlaced, grid, mode);
  if (numPlaced === numSpecialTokens) return positions;
  const nowhere = zeros([1, numSpecialTokens - numPlaced, table.shape[2] ?? 0]);
  return concat([slice(positions, 1, 0, numPlaced), nowhere, slice(positions, 1, numPlaced)], 1);
}
