import type { Tensor } from "@x/layers";

/** What is needed of an image processor; that of `@x/models-vision` has it. `Image` is whatever it takes. */
export interface Processor<Image> {
  /** → (B, C, H, W) */
  process(images: readonly Image[]): Promise<Tensor>;
}
