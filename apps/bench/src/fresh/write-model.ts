/** A program: writes a ViT with random weights as safetensors, as ONNX, and as plain numbers for TensorFlow.js. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawNormal, init, Rng } from "@x/layers";
import { ViT, type ViTConfig } from "@x/models-vision";
import { viTModel } from "../onnx/vit.ts";
import { runProgram } from "../runtimes/program.ts";
import { packWeights } from "../tfjs/weight-file.ts";
import { Weights } from "../weights.ts";

export interface ModelToWrite {
  readonly config: Partial<ViTConfig>;
  readonly folder: string;
}

await runProgram<ModelToWrite, never>(async ({ config, folder }) => {
  await init({ threads: 1 });
  const vit = await ViT.fromConfig(config);
  if (vit.head) drawNormal(vit.head.weight, new Rng(1), 0, 0.05); // a fresh one is all zeros
  const weights = new Weights(vit);
  await vit.savePretrained(folder);
  await writeFile(join(folder, "model.onnx"), viTModel(vit.config, weights, 1));
  const { index, numbers } = packWeights(weights);
  await writeFile(join(folder, "tfjs.json"), JSON.stringify({ config: vit.config, index }));
  await writeFile(join(folder, "tfjs.bin"), numbers);
});
