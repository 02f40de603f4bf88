/**
 * Makes the playground's own models from data that npm packages ship: `npm run playground train [name…]`. Each is
 * saved in half precision below `public/models`, its files and its score on what it never saw in `models.json`.
 */
import { mkdir } from "node:fs/promises";
import { init, shutdown } from "@x/layers";
import { digitsMAE, digitsMixer, digitsSwin, digitsViT } from "./digits.ts";
import { speechesBert, speechesFNet } from "./words.ts";
import { writeDigits } from "./digits-file.ts";
import { addToList } from "./list.ts";
import { messagesTranslator } from "./translator.ts";
import type { Trained } from "./trained.ts";

const makers: Readonly<Record<string, (folder: URL) => Promise<Trained>>> = {
  "digits-vit": digitsViT,
  "digits-mae": digitsMAE,
  "digits-swin": digitsSwin,
  "digits-mixer": digitsMixer,
  "messages-de": messagesTranslator,
  "speeches-bert": speechesBert,
  "speeches-fnet": speechesFNet,
};
const models = new URL("../../public/models/", import.meta.url);
const asked = process.argv.slice(2);
await init({ threads: 1 });
for (const [name, make] of Object.entries(makers)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const began = performance.now();
  const folder = new URL(`${name}/`, models);
  const { model, score } = await make(folder);
  await mkdir(folder, { recursive: true });
  await model.savePretrained(folder, { dtype: "float16" });
  const minutes = ((performance.now() - began) / 60_000).toFixed(0);
  const told = `${score}; ${(model.numParameters / 1000).toFixed(0)} thousand parameters`;
  await addToList(models, name, told);
  console.log(`${name}: ${told}; ${minutes} minutes on one thread`);
  model.dispose();
}
if (asked.length === 0) await writeDigits(new URL("digits.bin", models));
shutdown();
