/**
 * An embedding model of one's own: MiniLM learns which emoji somebody means who types some of its keywords. Half of the emoji are learned from; with the other
 * half it is asked. `npm run example -- fine-tuning/emoji-words`
 */
import { readFile } from "node:fs/promises";
import { init, Rng, shutdown } from "@x/layers";
import { SentenceEncoder } from "@x/models-nlp";
import { miniLM } from "@x/example-data/src/packages.ts";
import { shuffled } from "@x/example-translation/src/batches.ts";
import { evaluate, fit, type RankedPair, rankedPairs } from "@x/train";
import { progressBar } from "@x/train/bar";
import { percent, resultFolder } from "./results.ts";

const folder = resultFolder("emoji-words");
await init();
const emoji = JSON.parse(await readFile(new URL(import.meta.resolve("emojibase-data/en/data.json")), "utf8")) as readonly {
  readonly label: string;
  readonly tags?: readonly string[];
}[];
/** Keywords that aren't in the name → the name. */
const pairs: RankedPair[] = shuffled(emoji, new Rng(1)).flatMap(({ label, tags = [] }) => {
  const words = tags.filter((tag) => !label.includes(tag)).slice(0, 4);
  return words.length < 2 ? [] : [{ anchor: words.join(" "), positive: label }];
});
const half = Math.floor(pairs.length / 2);
const [learned, unseen] = [pairs.slice(0, half), pairs.slice(half)];

using encoder = await SentenceEncoder.fromPretrained(await miniLM());
const objective = rankedPairs(encoder, { maxLength: 24 });
const told = ({ recallAt1, recallAt10 }: Awaited<ReturnType<typeof evaluate>>): string =>
  `the emoji that was meant is first in ${percent(recallAt1)}, among ten in ${percent(recallAt10)}`;
console.log(`of ${unseen.length} emoji, before: ${told(await evaluate(objective, unseen, { batchSize: 50 }))}`);
await fit(objective, learned, { epochs: 3, batchSize: 64, learningRate: 5e-5, run: `${folder}/run`, ...progressBar() });
console.log(`after ${learned.length} others: ${told(await evaluate(objective, unseen, { batchSize: 50 }))}`);
await encoder.savePretrained(`${folder}/model`); // Python's sentence-transformers opens it, too
console.log(`${folder}/model, ${folder}/run/history.svg`);
shutdown();
