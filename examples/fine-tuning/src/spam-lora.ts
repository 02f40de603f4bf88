/**
 * The same mails as in spam.ts, but MiniLM's weights stay as they are: a LoRA of rank 8 and the head learn, and are saved as PEFT has them.
 * `npm run example -- fine-tuning/spam-lora`
 */
import { init, LoRA, Rng, shutdown } from "@x/layers";
import { BertForSequenceClassification } from "@x/models-nlp";
import { readMails } from "@x/example-data/src/mails.ts";
import { miniLM } from "@x/example-data/src/packages.ts";
import { shuffled } from "@x/example-translation/src/batches.ts";
import { evaluate, fit, textClassification } from "@x/train";
import { progressBar } from "@x/train/bar";
import { percent, resultFolder } from "./results.ts";

const folder = resultFolder("spam-lora");
await init();
const mails = shuffled(await readMails(), new Rng(1));
const [learned, watched, unseen] = [mails.slice(0, 300), mails.slice(300, 400), mails.slice(400, 900)];

using model = await BertForSequenceClassification.fromPretrained(await miniLM(), { labels: ["ham", "spam"] });
const lora = LoRA.attach(model, { rank: 8, alpha: 16, targetModules: ["query", "value"], modulesToSave: ["classifier"], rng: new Rng(2) });
const trained = lora.parameters().reduce((sum, { size }) => sum + size, 0);
console.log(`${trained} of ${model.numParameters} weights learn`);

const objective = textClassification(model, { maxLength: 64 });
await fit(objective, learned, {
  adapter: lora,
  epochs: 2,
  batchSize: 8,
  learningRate: 2e-3,
  validation: watched,
  run: `${folder}/run`, // checkpoints hold the adapter alone
  ...progressBar("accuracy"),
});
const { accuracy, f1 } = await evaluate(objective, unseen, { batchSize: 25 });
console.log(`with the adapter: ${percent(accuracy)} of ${unseen.length} others, F1 ${Number(f1).toFixed(3)}`);
await lora.savePretrained(`${folder}/adapter`); // PeftModel.from_pretrained opens it, too
console.log(`${folder}/adapter, ${folder}/run/history.svg`);
lora.detach();
shutdown();
