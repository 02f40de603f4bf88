import { type Rng, type Tensor, tensor } from "@x/layers";
import { Draws } from "@x/layers/model";

/** Images of a batch mixed with each other, and their classes by the same shares. */
export interface Mixing {
  /** What is drawn from. */
  readonly rng: Rng;
  /** α of MixUp: shares of whole images are from Beta(α, α). Zhang et al. 2018, eq. 1. Default 0: none. */
  readonly mixUp?: number | undefined;
  /** α of CutMix: a box of one image in another. Yun et al. 2019, §3.1. Default 0: none. With both, one of them at random. */
  readonly cutMix?: number | undefined;
}

/**
 * Mixes each image with that which stands at its place from the batch's end, in place, as timm does: one share for the batch.
 * images (B, C, H, W), targets (B, classes) as shares, both are overwritten
 */
export function mix(images: Tensor, targets: Tensor, { rng, mixUp = 0, cutMix = 0 }: Mixing): void {
  const draws = new Draws(rng);
  const cuts = cutMix > 0 && (mixUp <= 0 || draws.next() < 0.5);
  const alpha = cuts ? cutMix : mixUp;
  if (alpha <= 0) return;
  const share = draws.beta(alpha);
  const own = cuts ? cutBox(images, share, draws) : share;
  if (!cuts) blend(images, own);
  blend(targets, own);
}

/** x ← share · x + (1 − share) · x from the other end. x (B, …) */
function blend(x: Tensor, share: number): void {
  const before = x.toTypedArray();
  const [count = 0] = x.shape;
  const size = x.size / count;
  const values = x.data;
  for (let i = 0; i < x.size; i++) {
    const other = (count - 1 - Math.floor(i / size)) * size + (i % size);
    values[i] = share * (before[i] ?? 0) + (1 - share) * (before[other] ?? 0);
  }
}

/** Puts a box of the image from the other end at the same place. @returns the share of the image that is still its own */
function cutBox(images: Tensor, share: number, draws: Draws): number {
  const [count = 0, channels = 0, height = 0, width = 0] = images.shape;
  const [top, bottom] = side(height, share, draws);
  const [left, right] = side(width, share, draws);
  const before = images.toTypedArray();
  const values = images.data;
  for (let plane = 0; plane < count * channels; plane++) {
    const other = (count - 1 - Math.floor(plane / channels)) * channels + (plane % channels);
    for (let row = top; row < bottom; row++) {
      const [to, from] = [(plane * height + row) * width, (other * height + row) * width];
      values.set(before.subarray(from + left, from + right), to + left);
    }
  }
  return 1 - ((bottom - top) * (right - left)) / (height * width);
}

/** A box's side of √(1 − share) of the whole, around any point, cut off at the edges. */
function side(length: number, share: number, draws: Draws): [begin: number, end: number] {
  const half = Math.floor(Math.floor(length * Math.sqrt(1 - share)) / 2);
  const middle = draws.below(length);
  return [Math.max(0, middle - half), Math.min(length, middle + half)];
}

/** Numbers of classes (B) → shares (B, classes), of which `smoothing` is spread over all alike. */
export function sharesOf(labels: Tensor<"int32">, numClasses: number, smoothing: number): Tensor {
  const rows = Array.from(labels.toTypedArray(), (label) =>
    Array.from({ length: numClasses }, (_, id) => smoothing / numClasses + (id === label ? 1 - smoothing : 0)),
  );
  return tensor(rows);
}
