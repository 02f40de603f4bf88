/** What a masked autoencoder paints: He et al. 2022, figures 2 and 3. */
import { noGrad } from "@x/layers";
import { type LabelledPicture, SIDE } from "@x/example-data/src/mnist.ts";
import { MAE, reconstruct } from "@x/models-vision";
import { pixels, tiles } from "../draw/tiles.ts";
import type { Lab } from "../lab.ts";
import type { Figure } from "../report.ts";

/** Figures 2 and 3. */
export async function reconstructions(lab: Lab, model: MAE, unseen: readonly LabelledPicture[]): Promise<Figure> {
  const count = 10;
  using images = await model.processor.process(unseen.slice(0, count).map(({ image }) => image)); // (B, 3, 28, 28)
  const rows = noGrad(() => {
    const { visible, completed } = reconstruct(model, images, model.drawNoise(images, lab.rng(6)));
    return [visible, completed, images].map((tensor) => tensor.toTypedArray());
  });
  return {
    title: "Three quarters hidden (figures 2 and 3)",
    caption: "Test digits: what the encoder saw, what the decoder made of it, what it was.",
    svg: tiles(
      rows.flatMap((values) => Array.from({ length: count }, (_, i) => ({ image: pixels(values, i, [3, SIDE, SIDE]) }))),
      { columns: count, size: 60, rows: ["seen", "painted", "was"] },
    ),
  };
}
