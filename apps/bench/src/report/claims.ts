/** What papers say about cost, and what we measure of it. */
import type { Row } from "./rows.ts";

export interface Claim {
  readonly name: string;
  readonly title: string;
  /** What the paper says, and where. */
  readonly says: string;
  readonly measures: (row: Row) => boolean;
}

export const claims: readonly Claim[] = [
  {
    name: "fnet",
    title: "FNet: a Fourier transform in place of attention",
    says: "Lee-Thorp et al. 2022 (abstract, §4.2): at 512 tokens FNet trains 80 % faster than BERT on GPUs and 70 % on TPUs, and the gap grows with the length, N log N against N². Measured: a pre-training step (masked words and next sentence, AdamW) of both at Base size; the ratio is BERT's time ÷ FNet's.",
    measures: ({ suite }) => suite === "language-claims",
  },
  {
    name: "mae",
    title: "MAE: the encoder sees a quarter of the patches",
    says: "He et al. 2022 (abstract, §3): masking three quarters of the patches makes pre-training three times as fast or more. Measured: the encoder masked and not, and a whole pre-training step with its decoder, which sees all patches; the ratio is the time without masking ÷ with it.",
    measures: ({ case: name }) => name.startsWith("MAE"),
  },
  {
    name: "swin",
    title: "Swin: attention within windows",
    says: "Liu et al. 2021 (§3.2, eqs. 1 and 2): attention within windows costs in proportion to the image's area, attention over all patches to its square. Measured: forward passes of Swin-T and ViT-S/16, which are of one size, on larger and larger images. Proportional to the area is an exponent of 2 in the side.",
    measures: ({ case: name }) => name.startsWith("Swin"),
  },
  {
    name: "mixer",
    title: "MLP-Mixer: tokens mixed by a perceptron",
    says: "Tolstikhin et al. 2021 (§2): Mixer's cost is linear in the number of patches, ViT's quadratic. Measured: forward passes of both in size B/16 on larger and larger images. Linear is an exponent of 2 in the side.",
    measures: ({ case: name }) => name.startsWith("Mixer"),
  },
];
