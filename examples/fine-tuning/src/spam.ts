/** Spam or ham: all weights of the real all-MiniLM-L6-v2 learn from 300 mails; 500 others tell how well. `npm run example -- fine-tuning/spam` */
import { mkdir } from "node:fs/promises";
import { init, Rng, shutdown } from "@x/layers";
import { BertForSequenceClassification } from "@x/models-nlp";
import { readMails } from "@x/example-data/src/mails.ts";
import { miniLM } from "@x/example-data/src/packages.ts";
import { shuffled } from "@x/example-translation/src/batches.ts";
import { evaluate, fit, textClassification } from "@x/train";
import { progressBar } from "@x/train/bar";
import { percent, resultFolder } from "./results.ts";

const folder = resultFolder("spam");
await init();
const mails = shuffled(await readMails(), new Rng(1));
const [learned, watched, unseen] = [mails.slice(0, 300), mails.slice(300, 400), mails.slice(400, 900)];

using model = await BertForSequenceClassification.fromPretrained(await miniLM(), { labels: ["ham", "spam"] });
const objective = textClassification(model, { maxLength: 64 });
const commonest = unseen.filter(({ label }) => label === "ham").length / unseen.length;
console.log(`always "ham": ${percent(commonest)}`);

await mkdir(folder, { recursive: true });
await fit(objective, learned, {
  epochs: 2,
  batchSize: 8,
  learningRate: 2e-4,
  validation: watched,
  run: `${folder}/run`, // goes on where it was interrupted; the curve is history.svg there
  ...progressBar("accuracy"),
});
const { accuracy, f1 } = await evaluate(objective, unseen, { batchSize: 25 });
console.log(`fine-tuned on ${learned.length} mails: ${percent(accuracy)} of ${unseen.length} others, F1 ${Number(f1).toFixed(3)}`);
await model.savePretrained(`${folder}/model`); // Python's transformers opens it, too
console.log(`${folder}/model, ${folder}/run/history.svg`);
shutdown();
