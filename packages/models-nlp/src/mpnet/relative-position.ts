import { Embedding, intTensor, Module, permute, type Tensor } from "@x/layers";

/** Ways in which a distance is told apart, those to the right and those to the left together. */
const buckets = 32;
/** From here on all distances are alike. */
const farthest = 128;

/**
 * What attention adds to a score by how far the key stands from the query: a learned number for each head and bucket. Raffel et al. 2020, §2.1, whose buckets
 * are of one distance up to 7 and then grow with its logarithm.
 */
export class RelativePositionBias extends Module {
  /** (buckets, heads) */
  readonly table: Embedding;

  /** @param rows at least 32 */
  constructor(rows: number, numHeads: number) {
    super();
    this.table = new Embedding(rows, numHeads);
  }

  /** N tokens → (heads, N, N) */
  forward(length: number): Tensor {
    const ids = Int32Array.from({ length: length * length }, (_, at) => bucketOf((at % length) - Math.floor(at / length)));
    return permute(this.table.forward(intTensor(ids, [length, length])), [2, 0, 1]);
  }
}

/** @param distance of the key from the query, > 0 to the right */
export function bucketOf(distance: number): number {
  const [half, exact] = [buckets / 2, buckets / 4];
  const steps = Math.abs(distance);
  const far = exact + Math.floor((Math.log2(steps / exact) / Math.log2(farthest / exact)) * (half - exact));
  return (distance > 0 ? half : 0) + (steps < exact ? steps : Math.min(far, half - 1));
}
