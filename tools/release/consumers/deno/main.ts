import { classify, ViT } from "npm:@x/models-vision";

const model = await ViT.fromPretrained(Deno.env.get("CHECKPOINT") ?? "");
const [best] = await classify(model, await Deno.readFile(Deno.env.get("PICTURE") ?? ""), { topK: 1 });
console.log(`${best?.label} ${best?.probability.toFixed(5)}`);
