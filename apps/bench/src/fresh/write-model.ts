/** A program: writes a ViT with random weights as safetensors and as ONNX. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawNormal, init, Rng } from "@x/layers";
import { ViT, type ViTConfig } from "@x/models-vision";
import { viTModel } from "../onnx/vit.ts";
import { runProgram } from "../runtimes/program.ts";
import { Weights } from "../weights.ts";

export interface ModelToWrite {
  readonly config: Partial<ViTConfig>;
  readonly folder: string;
}

await runProgram<ModelToWrite, never>(async ({ config, folder }) => {
  await init({ threads: 1 });
  const vit = await ViT.fromConfig(config);
  if (vit.head) drawNormal(vit.head.weight, new Rng(1), 0, 0.05); // a fresh one is all zeros
  const onnx = viTModel(vit.config, new Weights(vit), 1);
  await vit.savePretrained(folder);
  await writeFile(join(folder, "model.onnx"), onnx);
});
