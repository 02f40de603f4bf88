import { readFile } from "node:fs/promises";
import { type Classification, classify, type ClassifyOptions, ViT, type ViTConfig } from "@x/models-vision";

const model: ViT = await ViT.fromPretrained(process.env["CHECKPOINT"] ?? "");
const config: ViTConfig = model.config;
const picture = await readFile(process.env["PICTURE"] ?? "");
const nothing: ClassifyOptions = { signal: undefined, batchSize: undefined };
const [best, ...others] = await classify(model, picture, { topK: 1, ...nothing });
const many: Classification[][] = await classify(model, [picture], { topK: config.numLabels });
const either: Uint8Array | Uint8Array[] = many.length > 1 ? [picture] : picture;
await classify(model, either);
// @ts-expect-error a model needs a place to come from
if (others.length > 0) await ViT.fromPretrained();
if (many.length !== 1 || many[0]?.length !== 5) throw new Error("one picture has five labels");
console.log(`${best.label} ${best.probability.toFixed(5)}`);
