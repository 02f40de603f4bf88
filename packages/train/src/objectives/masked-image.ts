import { type Module, Rng, type Tensor } from "@x/layers";
import { anRng, checkOptions, type RulesOf, shaped } from "@x/layers/model";
import type { Processor } from "./image.ts";
import type { Objective } from "./objective.ts";

/** What is needed of a model: MAE. */
export interface MaskedImageModel<Image> extends Module {
  readonly processor: Processor<Image>;
  /** What decides which patches are hidden (B, N). */
  drawNoise(images: Tensor, rng: Rng): Tensor;
  forward(images: Tensor, noise: Tensor): { readonly loss: Tensor };
}

export interface MaskedImageOptions<Image> {
  /** What images go through in training instead of the model's processor. */
  readonly processor?: (Processor<Image> & { readonly rng?: Rng | undefined }) | undefined;
  /** What is drawn from: which patches are hidden, anew whenever an image comes. Default seed 0. */
  readonly rng?: Rng | undefined;
}

const rules: RulesOf<MaskedImageOptions<unknown>> = { processor: shaped("an image processor", "process"), rng: anRng };

/** Images that are completed from a few of their patches, without labels. He et al. 2022, §3. */
export function maskedImage<Image>(
  model: MaskedImageModel<Image>,
  options: MaskedImageOptions<Image> = {},
): Objective<{ readonly image: Image }, { readonly images: Tensor; readonly noise: Tensor }> {
  checkOptions("maskedImage", options, rules);
  const { processor, rng = new Rng(0) } = options;
  return {
    model,
    rngs: [rng, ...(processor?.rng ? [processor.rng] : [])],
    async collate(examples) {
      const images = await ((model.training && processor) || model.processor).process(examples.map(({ image }) => image));
      return { images, noise: model.drawNoise(images, rng) };
    },
    loss: ({ images, noise }) => model.forward(images, noise).loss,
  };
}
