/** Draws the losses of the models that train.ts left in demo-output: `npm run example -- pretraining/curves`. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse, View } from "vega";
import { compile } from "vega-lite";

const output = new URL("../../../demo-output/", import.meta.url);
const values: { model: string; step: number; loss: number }[] = [];
for (const [model, name] of [
  ["bert", "BERT"],
  ["fnet", "FNet"],
] as const) {
  const file = new URL(`${model}-moby-dick/losses.json`, output);
  if (!existsSync(file)) continue;
  const losses = JSON.parse(await readFile(file, "utf8")) as [number, number][];
  for (const [step, loss] of losses) values.push({ model: name, step, loss });
}
if (values.length === 0) {
  console.error("nothing to draw: run pretraining/train first");
  process.exit(1);
}

const { spec } = compile({
  title: { text: "Masked words + next sentence, running mean of the training loss", anchor: "start", fontSize: 13 },
  width: 520,
  height: 240,
  data: { values },
  mark: { type: "line" },
  encoding: {
    x: { field: "step", type: "quantitative", title: "step" },
    y: { field: "loss", type: "quantitative", title: "cross-entropy, nats", scale: { zero: false } },
    color: { field: "model", type: "nominal", title: null, legend: { orient: "top-right" } },
  },
  config: { font: "system-ui, sans-serif", background: "#fbfaf8", view: { stroke: null } },
});
const path = fileURLToPath(new URL("pretraining-loss.svg", output));
await writeFile(path, `${await new View(parse(spec)).toSVG()}\n`);
console.log(path);
