/**
 * Images from few examples: a linear layer on the features of @x/clip-emoji's picture encoder learns kinds of emoji from a few drawings of each, and is asked about
 * drawings by a vendor that the encoder never saw. `npm run example -- fine-tuning/few-images`, after `npm run example -- emoji-search/train --prepare`
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CLIP } from "@x/clip";
import { init, Linear, Rng, shutdown } from "@x/layers";
import { drawingsBy, embedDrawings } from "@x/example-emoji/src/drawings.ts";
import { readEmojiFile } from "@x/example-emoji/src/emoji-file.ts";
import { shuffled } from "@x/example-translation/src/batches.ts";
import { evaluate, type Features, fit, linearProbe } from "@x/train";
import { percent, resultFolder } from "./results.ts";

const kinds = ["faces", "people", "animals and plants", "food", "places", "activities", "objects", "symbols", "flags"];
/** Numbers of emojibase's groups, without skin tones. */
const groups = [0, 1, 3, 4, 5, 6, 7, 8, 9];
const drawings = fileURLToPath(new URL("../../../demo-output/emoji.bin.gz", import.meta.url));
if (!existsSync(drawings)) {
  console.error("run npm run example -- emoji-search/train --prepare first");
  process.exit(2);
}
await init();
const file = await readEmojiFile(drawings);
const data = JSON.parse(await readFile(new URL(import.meta.resolve("emojibase-data/en/data.json")), "utf8")) as readonly {
  readonly emoji: string;
  readonly group?: number;
}[];
const kindOf = new Map(data.map(({ emoji, group }) => [emoji, groups.indexOf(group ?? -1)]));

using clip = await CLIP.fromPretrained(new URL("../../../packages/clip-emoji/model/", import.meta.url));
const features = await featuresBy(file.vendors.length - 1); // OpenMoji: the encoder never saw its drawings
const [pool, unseen] = [features.filter((_, i) => i % 2 === 0), features.filter((_, i) => i % 2 === 1)];
console.log(
  `always the commonest kind: ${percent(Math.max(...kinds.map((_, kind) => unseen.filter(({ label }) => label === kind).length)) / unseen.length)}`,
);
for (const each of [1, 2, 5, 10, 20]) {
  const few = kinds.flatMap((_, kind) => pool.filter(({ label }) => label === kind).slice(0, each));
  using head = new Linear(clip.config.projectionDim, kinds.length).initialize(new Rng(2));
  const objective = linearProbe(head, { id2label: Object.fromEntries(kinds.entries()), problemType: null });
  await fit(objective, few, { steps: 200, batchSize: 64, learningRate: 0.02, run: `${resultFolder("few-images")}/${each}` });
  const { accuracy, f1 } = await evaluate(objective, unseen, { batchSize: 200 });
  console.log(`${each} of each kind, ${few.length} drawings: ${percent(accuracy)} of ${unseen.length} others, mean F1 ${percent(f1)}`);
}
shutdown();

async function featuresBy(vendor: number): Promise<Features[]> {
  const known = drawingsBy(vendor, file).filter(({ emoji }) => (kindOf.get(file.emoji[emoji]?.character ?? "") ?? -1) >= 0);
  const rows = await embedDrawings(clip, known);
  return shuffled(
    known.map(({ emoji }, i) => ({ features: rows[i] ?? new Float32Array(), label: kindOf.get(file.emoji[emoji]?.character ?? "") ?? 0 })),
    new Rng(1),
  );
}
