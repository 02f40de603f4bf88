import { slice, type Tensor } from "@x/layers";

/** Images and texts that belong together: number i of each. */
export interface ImageTextPairs {
  /** (N, C, H, W) */
  readonly images: Tensor;
  /** (N, L) */
  readonly inputIds: Tensor<"int32">;
  /** (N, L), 1 for a token, 0 for padding. Default: all are tokens. */
  readonly attentionMask?: Tensor<"int32"> | undefined;
}

/** A batch that is in memory already, cut into chunks of at most `size` pairs: views, for `cachedContrastiveLoss`. */
export function inChunks(pairs: ImageTextPairs, size: number): (() => ImageTextPairs)[] {
  const { images, inputIds, attentionMask } = pairs;
  const [count = 0] = images.shape;
  return Array.from({ length: Math.ceil(count / size) }, (_, chunk) => () => {
    const [begin, end] = [chunk * size, Math.min((chunk + 1) * size, count)];
    const ids = (matrix: Tensor<"int32">): Tensor<"int32"> =>
      matrix.view([end - begin, matrix.shape[1] ?? 0], begin * (matrix.shape[1] ?? 0));
    return { images: slice(images, 0, begin, end), inputIds: ids(inputIds), ...(attentionMask && { attentionMask: ids(attentionMask) }) };
  });
}
