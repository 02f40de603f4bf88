import { type Rng, type Tensor } from "@x/layers";
import { moved } from "./moved.ts";

interface Processor<Image> {
  process(images: readonly Image[]): Promise<Tensor>;
}

/** The model's own processor, and then each picture turned, scaled and moved a little: for training. */
export function moving<Image>(processor: Processor<Image>, rng: Rng): Processor<Image> & { readonly rng: Rng } {
  return {
    rng,
    async process(images) {
      using plain = await processor.process(images);
      return moved(plain, rng);
    },
  };
}
