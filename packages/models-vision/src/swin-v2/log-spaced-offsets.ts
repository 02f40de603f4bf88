/**
 * Every offset (dy, dx) between patches of a window, brought to −8…8 by the side of the windows that were trained with, then sign(d)·log₂(1 + |d|) / log₂ 8.
 * Liu et al. 2022, eq. 4, and the authors' code. In the order of `relativePositionIndex` for square windows of the longer side; what lies outside is never read.
 * @param pretrained side of the windows that were trained with; 0 for this window's own sides
 * @returns ((2M − 1)², 2)
 */
export function logSpacedOffsets(window: readonly [height: number, width: number], pretrained: number): number[][] {
  const side = Math.max(...window);
  const [down, across] = window.map((length) => Math.max(pretrained > 0 ? pretrained - 1 : length - 1, 1));
  const count = 2 * side - 1;
  return Array.from({ length: count ** 2 }, (_, at) => [
    logSpaced((8 * (Math.floor(at / count) - side + 1)) / (down ?? 1)),
    logSpaced((8 * ((at % count) - side + 1)) / (across ?? 1)),
  ]);
}

const logSpaced = (offset: number): number => (Math.sign(offset) * Math.log2(Math.abs(offset) + 1)) / 3;
