/**
 * Takes the playground's models from what `npm run papers` has left: `npm run playground train [name…]`. Each is saved in half precision below
 * `public/models`, its files and its score on what it never saw in `models.json`.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { init, shutdown } from "@x/layers";
import type { PretrainedModel } from "@x/layers/model";
import { BertForMaskedLM, FNetForMaskedLM, Transformer } from "@x/models-nlp";
import { MAE, MLPMixer, Swin, ViT } from "@x/models-vision";
import type { Report } from "@x/papers/src/report.ts";
import { writeDigits } from "./digits-file.ts";
import { addToList } from "./list.ts";

const sources: Readonly<Record<string, { readonly paper: string; readonly open: (where: URL) => Promise<PretrainedModel<object>> }>> = {
  "digits-vit": { paper: "vit", open: (where: URL) => ViT.fromPretrained(where) },
  "digits-mae": { paper: "mae", open: (where: URL) => MAE.fromPretrained(where) },
  "digits-swin": { paper: "swin", open: (where: URL) => Swin.fromPretrained(where) },
  "digits-mixer": { paper: "mlp-mixer", open: (where: URL) => MLPMixer.fromPretrained(where) },
  "messages-de": { paper: "transformer", open: (where: URL) => Transformer.fromPretrained(where) },
  "speeches-bert": { paper: "bert", open: (where: URL) => BertForMaskedLM.fromPretrained(where) },
  "speeches-fnet": { paper: "fnet", open: (where: URL) => FNetForMaskedLM.fromPretrained(where) },
};
const models = new URL("../../public/models/", import.meta.url);
const asked = process.argv.slice(2);
await init({ threads: 1 });
for (const [name, { paper, open }] of Object.entries(sources)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const run = new URL(`../../../../demo-output/papers/${paper}/`, import.meta.url);
  const file = new URL("report.json", run);
  if (!existsSync(file)) {
    console.error(`${name}: npm run papers -- ${paper} trains it`);
    process.exitCode = 1;
    continue;
  }
  const { score } = JSON.parse(await readFile(file, "utf8")) as Report;
  const folder = new URL(`${name}/`, models);
  await mkdir(folder, { recursive: true });
  using model = await open(new URL(`models/${name}/`, run));
  await model.savePretrained(folder, { dtype: "float16" });
  const told = `${score}; ${(model.numParameters / 1000).toFixed(0)} thousand parameters`;
  await addToList(models, name, told);
  console.log(`${name}: ${told}`);
}
if (asked.length === 0) await writeDigits(new URL("digits.bin", models));
shutdown();
