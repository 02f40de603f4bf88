import { drawNormal, empty, type Rng, type Tensor } from "@x/layers";
import { Draws } from "@x/layers/model";

export interface Erasing {
  /** What is drawn from. */
  readonly rng: Rng;
  /** How likely a part of an image is erased. Default 0.25. */
  readonly probability?: number | undefined;
  /** Least and most share of the area. Default [0.02, 1/3]. */
  readonly area?: readonly [least: number, most: number] | undefined;
  /** Least and most height over width. Default [0.3, 10/3]. */
  readonly ratio?: readonly [least: number, most: number] | undefined;
}

/** Fills a random box of some images with noise of N(0, 1), in place. Zhong et al. 2020, algorithm 1, with timm's noise. images (B, C, H, W), normalised */
export function randomErasing(images: Tensor, { rng, probability = 0.25, area = [0.02, 1 / 3], ratio = [0.3, 10 / 3] }: Erasing): void {
  const draws = new Draws(rng);
  const [count = 0, channels = 0, height = 0, width = 0] = images.shape;
  for (let image = 0; image < count; image++) {
    if (draws.next() >= probability) continue;
    for (let tries = 0; tries < 10; tries++) {
      const size = height * width * draws.between(...area);
      const aspect = draws.betweenRatios(...ratio);
      const [h, w] = [Math.round(Math.sqrt(size * aspect)), Math.round(Math.sqrt(size / aspect))];
      if (h < 1 || w < 1 || h >= height || w >= width) continue;
      const [top, left] = [draws.below(height - h + 1), draws.below(width - w + 1)];
      using noise = empty([channels, h, w]);
      drawNormal(noise, rng);
      const [from, to] = [noise.data, images.data];
      for (let row = 0; row < channels * h; row++) {
        const place = ((image * channels + Math.floor(row / h)) * height + top + (row % h)) * width + left;
        to.set(from.subarray(row * w, (row + 1) * w), place);
      }
      break;
    }
  }
}
