// What every consumer runs: load a checkpoint, classify a picture.
import { classify, ViT } from "@x/models-vision";

export async function labelOf(checkpoint, picture) {
  const model = await ViT.fromPretrained(checkpoint);
  const [best] = await classify(model, picture, { topK: 1 });
  model.dispose();
  return `${best.label} ${best.probability.toFixed(5)}`;
}
