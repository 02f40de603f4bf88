/**
 * Fixed 2-D sine-cosine positions of a G × G grid, with a zero row in front for the class token. He et al. 2022, appendix A.1; the form is the authors':
 * the first half of the channels encodes the column, the second the row, each as [sin | cos] of position / 10000^(k / (D / 4)).
 * @returns (1 + G·G) rows of `hiddenSize` numbers; hiddenSize must be a multiple of 4
 */
export function sinCosPositions(gridSize: number, hiddenSize: number): Float32Array {
  const quarter = hiddenSize / 4;
  const table = new Float32Array((1 + gridSize ** 2) * hiddenSize);
  for (let patch = 0; patch < gridSize ** 2; patch++) {
    const coordinates = [patch % gridSize, Math.floor(patch / gridSize)]; // column, row
    for (const [half, coordinate] of coordinates.entries()) {
      for (let k = 0; k < quarter; k++) {
        const angle = coordinate * 10000 ** (-k / quarter);
        const at = (1 + patch) * hiddenSize + 2 * half * quarter + k;
        table[at] = Math.sin(angle);
        table[at + quarter] = Math.cos(angle);
      }
    }
  }
  return table;
}
