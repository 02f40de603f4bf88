import { readFile } from "node:fs/promises";
import { type Classification, classify, ViT, type ViTConfig } from "@x/models-vision";

const model: ViT = await ViT.fromPretrained(process.env["CHECKPOINT"] ?? "");
const config: ViTConfig = model.config;
const picture = await readFile(process.env["PICTURE"] ?? "");
const one: Classification[] = await classify(model, picture, { topK: 1 });
const many: Classification[][] = await classify(model, [picture], { topK: config.numLabels });
// @ts-expect-error a model needs a place to come from
if (one.length > 1) await ViT.fromPretrained();
if (many.length !== 1 || many[0]?.length !== 5) throw new Error("one picture has five labels");
console.log(`${one[0]?.label} ${one[0]?.probability.toFixed(5)}`);
