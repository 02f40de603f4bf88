/**
 * English to Spanish from nothing, by the Bible's verses: the paper's recipe through `fit`, BLEU on verses that it never saw.
 * `npm run example -- translation/verses [--steps 2000]`
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AdamW, init, noam, Rng, shutdown } from "@x/layers";
import { readVerses } from "@x/example-data/src/verses.ts";
import { Transformer, translate } from "@x/models-nlp";
import { bleu, fit, translation } from "@x/train";
import { progressBar } from "@x/train/bar";
import { shuffled } from "./batches.ts";
import { jointTokenizer } from "./joint-tokenizer.ts";

const { values: options } = parseArgs({ options: { steps: { type: "string", default: "2000" }, threads: { type: "string" } } });
const [WIDTH, LAYERS, MOST] = [128, 2, 14];
await init(options.threads === undefined ? {} : { threads: Number(options.threads) });

const words = (text: string): number => text.split(" ").length;
const short = (await readVerses()).filter(({ source, target }) => words(source) <= MOST && words(target) <= MOST);
const verses = shuffled(short, new Rng(1));
const [heldOut, learned] = [verses.slice(0, 200), verses.slice(200)];
const known = new Set(learned.flatMap(({ source, target }) => [source, target]));
const unseen = heldOut.filter(({ source, target }) => !known.has(source) && !known.has(target)); // some verses say what others say
const tokenizer = jointTokenizer(
  learned.flatMap(({ source, target }) => [source, target]),
  2000,
);
console.log(`${learned.length} verses of at most ${MOST} words to learn from, ${tokenizer.vocabSize} subwords`);

using model = await Transformer.fromConfig(
  {
    vocabSize: tokenizer.vocabSize,
    dModel: WIDTH,
    encoderLayers: LAYERS,
    decoderLayers: LAYERS,
    encoderAttentionHeads: 4,
    decoderAttentionHeads: 4,
    encoderFfnDim: 4 * WIDTH,
    decoderFfnDim: 4 * WIDTH,
    dropout: 0.1,
    maxPositionEmbeddings: 96,
  },
  { rng: new Rng(2) },
);
model.tokenizer = model.targetTokenizer = tokenizer;
using optimizer = new AdamW(model.parameters(), { learningRate: 0, beta2: 0.98, eps: 1e-9, weightDecay: 0 }); // §5.3
const folder = fileURLToPath(new URL("../../../demo-output/verses-es", import.meta.url));
await fit(translation(model), learned, {
  steps: Number(options.steps),
  batchSize: 32,
  groupByLength: true,
  optimizer,
  schedule: () => noam(WIDTH, 400),
  run: `${folder}/run`,
  ...progressBar(),
});
const found = await translate(
  model,
  unseen.map(({ source }) => source),
  { numBeams: 4, lengthPenalty: 0.6, maxLength: 90, batchSize: 32 },
);
for (const [i, { source, target }] of unseen.slice(0, 5).entries()) console.log(`${source}\n  ${found[i]}\n  (${target})`);
const { score } = bleu(
  found,
  unseen.map(({ target }) => target),
);
console.log(`BLEU on ${unseen.length} verses that it never saw: ${score.toFixed(1)}`);
await model.savePretrained(`${folder}/model`);
console.log(`${folder}/model, ${folder}/run/history.svg`);
shutdown();
