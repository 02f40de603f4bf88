/** What a ViT loses in int8: its answers on MNIST's 10 000 test digits with weights as they are, and in int8. */
import { labelledPictures, loadMnist } from "@x/example-data/src/mnist.ts";
import { ViT } from "@x/models-vision";
import { evaluate, imageClassification } from "@x/train";

const [where = new URL("../../../apps/playground/public/models/digits-vit", import.meta.url).pathname] = process.argv.slice(2);
const digits = labelledPictures(await loadMnist("t10k"));
for (const dtype of ["float32", "int8"] as const) {
  using model = await ViT.fromPretrained(where, { dtype });
  const { accuracy, loss } = await evaluate(imageClassification(model), digits, { batchSize: 250 });
  console.log(`${dtype}: ${(100 * Number(accuracy)).toFixed(2)} % of ${digits.length} right, loss ${Number(loss).toFixed(4)}`);
}
