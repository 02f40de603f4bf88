import type { ViTConfig } from "@x/models-vision";
import { isBrowser } from "../runtimes/names.ts";
import { startTensorFlow } from "../tfjs/start.ts";
import { viTOf } from "../tfjs/vit.ts";
import { unpackWeights, type WeightIndex } from "../tfjs/weight-file.ts";
import { type FirstOutput, type FreshTask, pixels } from "./task.ts";

export async function firstOutput({ runtime, threads, work, folder, imageSize }: FreshTask): Promise<FirstOutput> {
  if (work !== "forward") throw new Error("it isn't asked to train");
  const tf = await startTensorFlow(runtime, threads);
  const { config, index } = JSON.parse(new TextDecoder().decode(await read("tfjs.json"))) as { config: ViTConfig; index: WeightIndex };
  const forward = viTOf(tf, config, unpackWeights(index, new Float32Array(await read("tfjs.bin"))));
  return { output: tf.tidy(() => forward(pixels(imageSize), 1)).dataSync<"float32">() };

  async function read(file: string): Promise<ArrayBuffer> {
    if (isBrowser(runtime)) return (await fetch(`/files/${file}`)).arrayBuffer();
    const { readFile } = await import("node:fs/promises");
    const { buffer, byteOffset, byteLength } = await readFile(`${folder}/${file}`);
    return buffer.slice(byteOffset, byteOffset + byteLength);
  }
}
