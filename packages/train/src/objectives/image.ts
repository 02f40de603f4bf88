import type { Tensor } from "@x/layers";

/** What is needed of an image processor; that of `@x/models-vision` has it. `Image` is whatever it takes. */
export interface Processor<Image> {
  /** → (B, C, H, W) */
  process(images: readonly Image[]): Promise<Tensor>;
}

/** The images that a model's processor takes. */
export type ImageOf<Model extends { readonly processor: { process(images: never): unknown } }> = Exclude<
  Parameters<Model["processor"]["process"]>[0],
  readonly unknown[]
>;
