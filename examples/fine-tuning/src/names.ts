/**
 * A tagger: which words of a text without capitals are names? Capitals inside the sentences of the State of the Union speeches are the labels, and MiniLM, which
 * reads lower case only, learns to tell. `npm run example -- fine-tuning/names`
 */
import { init, Rng, shutdown } from "@x/layers";
import { BertForTokenClassification } from "@x/models-nlp";
import { miniLM } from "@x/example-data/src/packages.ts";
import { readSpeeches } from "@x/example-data/src/speeches.ts";
import { shuffled } from "@x/example-translation/src/batches.ts";
import { evaluate, fit, type TaggedText, tokenClassification } from "@x/train";
import { progressBar } from "@x/train/bar";
import { percent, resultFolder } from "./results.ts";

const folder = resultFolder("names");
await init();
const speeches = (await readSpeeches()).filter(({ year }) => year >= 1930); // earlier ones write many Nouns so
const [learnedFrom, heldOut] = [speeches.filter((_, i) => i % 5 !== 2), speeches.filter((_, i) => i % 5 === 2)];
const taggedOf = (some: typeof speeches, count: number): TaggedText[] =>
  shuffled(
    some
      .flatMap(({ sentences }) => sentences.map(tagged))
      .filter(({ words, tags }) => words.length >= 8 && words.length <= 30 && tags.includes("B-NAME")),
    new Rng(1),
  ).slice(0, count);
const [learned, unseen] = [taggedOf(learnedFrom, 600), taggedOf(heldOut, 300)];

using model = await BertForTokenClassification.fromPretrained(await miniLM(), { labels: ["O", "B-NAME", "I-NAME"] });
const objective = tokenClassification(model, { maxLength: 48 });
await fit(objective, learned, { epochs: 2, batchSize: 16, learningRate: 2e-4, run: `${folder}/run`, ...progressBar() });
const { precision, recall, f1 } = await evaluate(objective, unseen, { batchSize: 25 });
console.log(
  `names in ${unseen.length} sentences of other speeches: precision ${percent(precision)}, recall ${percent(recall)}, F1 ${percent(f1)}`,
);
await model.savePretrained(`${folder}/model`);
console.log(`${folder}/model, ${folder}/run/history.svg`);
shutdown();

/** A word with a capital that doesn't begin the sentence is a name, or goes on with one. */
function tagged(sentence: string): TaggedText {
  const words = sentence.match(/[\p{L}\p{N}]+(?:['’]\p{L}+)?|[^\s\p{L}\p{N}]/gu) ?? [];
  const isName = words.map((word, i) => i > 0 && /^\p{Lu}/u.test(word) && !/^I(?:['’]|$)/.test(word) && /\p{L}/u.test(words[i - 1] ?? ""));
  const tags = isName.map((is, i) => (is ? (isName[i - 1] ? "I-NAME" : "B-NAME") : "O"));
  return { words: words.map((word) => word.toLowerCase()), tags };
}
