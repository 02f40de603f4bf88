import { AdamW, backward, crossEntropy, init, intTensor, noGrad, scope, tensor } from "@x/layers";
import { ViT } from "@x/models-vision";
import { isBrowser } from "../runtimes/names.ts";
import { type FirstOutput, type FreshTask, pixels } from "./task.ts";

export async function firstOutput({ runtime, threads, work, folder, imageSize }: FreshTask): Promise<FirstOutput> {
  const { memory, simd } = await init({ threads });
  const vit = await ViT.fromPretrained(isBrowser(runtime) ? new URL("/files/", location.href) : folder);
  const images = () => tensor(pixels(imageSize), [1, 3, imageSize, imageSize]);
  if (work === "forward") {
    const output = noGrad(() => vit.forward(images()).toTypedArray());
    return { output, tensorBytes: memory.peakBytes, simd };
  }
  const optimizer = new AdamW(vit.parameters(), { learningRate: 1e-5 });
  scope(() => {
    backward(crossEntropy(vit.forward(images()), intTensor([0], [1])));
    optimizer.step();
  });
  return { output: undefined, tensorBytes: memory.peakBytes, simd };
}
