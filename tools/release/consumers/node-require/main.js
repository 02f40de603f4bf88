const { readFileSync } = require("node:fs");
const { classify, ViT } = require("@x/models-vision");

async function main() {
  const model = await ViT.fromPretrained(process.env.CHECKPOINT);
  const [best] = await classify(model, readFileSync(process.env.PICTURE), { topK: 1 });
  console.log(`${best.label} ${best.probability.toFixed(5)}`);
}

main();
