/**
 * A CLIP of our own: pictures of emoji by five vendors with their names and keywords to learn from, a sixth vendor's to be tested with.
 *
 *     npm run example -- emoji-search/train --prepare        # draws the pictures into one file
 *     npm run example -- emoji-search/train --steps 6000 --threads 8
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CLIP, embedText, type ImageTextPairs, tokenize, trainCLIP } from "@x/clip";
import { AdamW, cosineWithWarmup, decayMatricesOnly, init, Rng, tensor } from "@x/layers";
import { drawAugmented } from "./augment.ts";
import { caption } from "./captions.ts";
import { drawingsBy, indexDrawings } from "./drawings.ts";
import { type EmojiFile, readEmojiFile } from "./emoji-file.ts";
import { newModel } from "./new-model.ts";
import { uniform } from "./random-numbers.ts";
import { retrieval, type Retrieval } from "./retrieval.ts";

const output = (name: string): string => fileURLToPath(new URL(`../../../demo-output/${name}`, import.meta.url));
const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "6000" },
    threads: { type: "string" },
    batch: { type: "string", default: "256" },
    "learning-rate": { type: "string", default: "0.0007" },
    width: { type: "string", default: "160" },
    layers: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    data: { type: "string", default: output("emoji.bin.gz") },
    out: { type: "string", default: output("clip-emoji") },
    /** A folder that an earlier run has saved: goes on from there. */
    from: { type: "string" },
    prepare: { type: "boolean", default: false },
  },
});
const [steps, batchSize, learningRate, width, layers, seed] = [
  options.steps,
  options.batch,
  options["learning-rate"],
  options.width,
  options.layers,
  options.seed,
].map(Number) as [number, number, number, number, number, number];

if (options.prepare) {
  await mkdir(dirname(options.data), { recursive: true });
  const { drawEmoji } = await import("./draw.ts");
  await drawEmoji(options.data);
  process.exit();
}
if (!existsSync(options.data)) {
  console.error(`There is no ${options.data} yet: run with --prepare first.`);
  process.exit(2);
}

const file = await readEmojiFile(options.data);
const heldOut = file.vendors.length - 1;
const { threads, simd } = await init(options.threads === undefined ? {} : { threads: Number(options.threads) });
const model = options.from === undefined ? await newModel(file, { width, layers, seed }) : await CLIP.fromPretrained(options.from);
console.log(
  `${file.pictures.length} drawings of ${file.emoji.length} emoji by ${file.vendors.join(", ")}; the last is held out.\n` +
    `CLIP: ${model.numParameters} parameters. ${threads} threads, ${simd} SIMD.`,
);

const began = performance.now();
await fit(model, file);
console.log(`Trained in ${((performance.now() - began) / 1000).toFixed(0)} s.`);

const tested = await retrieval(model, file, heldOut);
const seen = await retrieval(model, file, 0);
console.log(`\n${file.vendors[heldOut]}, never seen: ${described(tested)}\n${file.vendors[0]}, seen: ${described(seen)}`);

await mkdir(options.out, { recursive: true });
await model.savePretrained(options.out, { dtype: "float16" });
using again = await CLIP.fromPretrained(options.out);
const reloaded = await retrieval(again, file, heldOut);
console.log(`\nSaved to ${options.out} in half precision and loaded back: ${described(reloaded)}`);
const report = { steps, batchSize, learningRate, seed, parameters: model.numParameters, vendor: file.vendors[heldOut], ...reloaded };
await writeFile(`${options.out}/retrieval.json`, `${JSON.stringify(report, null, 2)}\n`);
await search(again, file);
model.dispose();

async function fit(clip: CLIP, { side, emoji, pictures }: EmojiFile): Promise<void> {
  const byEmoji = Map.groupBy(
    [...pictures.keys()].filter((number) => pictures[number]?.vendor !== heldOut),
    (number) => pictures[number]?.emoji ?? 0,
  );
  const learned = [...byEmoji.keys()];
  const random = uniform(new Rng(seed + 1));
  const mirrorable = emoji.map(({ label }) => !/left|right|flag|arrow|clockwise|letter|button|o’clock|thirty|\d/.test(label));

  /** Different emoji, each as one vendor drew it, with a caption. */
  const batch = (): ImageTextPairs => {
    const pixels = new Float32Array(batchSize * 3 * side ** 2);
    const texts: string[] = [];
    for (let i = 0; i < batchSize; i++) {
      // The first `batchSize` of a shuffle.
      const other = i + Math.floor(random() * (learned.length - i));
      [learned[i], learned[other]] = [learned[other] ?? 0, learned[i] ?? 0];
      const number = learned[i] ?? 0;
      const drawings = byEmoji.get(number) ?? [];
      const drawing = drawings[Math.floor(random() * drawings.length)] ?? 0;
      drawAugmented(file, drawing, { random, mayMirror: mirrorable[number] ?? false }, pixels, i * 3 * side ** 2);
      texts.push(caption(emoji[number] ?? { character: "", label: "", tags: [] }, random));
    }
    return { images: tensor(pixels, [batchSize, 3, side, side]), ...tokenize(clip, texts, { truncation: "first" }) };
  };

  using optimizer = new AdamW(decayMatricesOnly(clip.parameters(), 0.1), { learningRate, beta2: 0.98, eps: 1e-6 });
  let [loss, told] = [0, performance.now()];
  await trainCLIP(clip.train(), {
    optimizer,
    steps,
    batch,
    schedule: cosineWithWarmup(learningRate, Math.ceil(steps / 20), steps),
    maxGradientNorm: 1,
    onStep: (step) => {
      loss = step.step === 1 ? step.loss : loss + 0.05 * (step.loss - loss);
      if (performance.now() - told < 10_000 && step.step < steps) return;
      told = performance.now();
      const perStep = (told - began) / step.step;
      console.log(
        `step ${step.step}/${steps}, loss ${loss.toFixed(3)}, scale ${Math.exp(clip.logitScale.item()).toFixed(1)}, ` +
          `${perStep.toFixed(0)} ms a step, ${((perStep * (steps - step.step)) / 60_000).toFixed(1)} min left`,
      );
    },
  });
  clip.eval();
}

/** Type words, get pictures; give a picture, get words. */
async function search(clip: CLIP, data: EmojiFile): Promise<void> {
  using index = await indexDrawings(clip, drawingsBy(heldOut, data), (emoji) => data.emoji[emoji]?.character ?? "");
  await index.save(`${options.out}/openmoji-index.safetensors`);
  console.log();
  for (const words of ["happy birthday", "something to eat", "red heart", "wild animal", "rain"]) {
    const found = index.search(await embedText(clip, words), { topK: 8 });
    console.log(`${words}: ${found.map(({ id }) => id).join(" ")}`);
  }
}

function described({ count, textToImage, imageToText, chance }: Retrieval): string {
  const share = ({ top1, top5 }: Retrieval["chance"]): string => `${(100 * top1).toFixed(2)} % / ${(100 * top5).toFixed(2)} %`;
  return `top-1 / top-5 among ${count}: words to picture ${share(textToImage)}, picture to words ${share(imageToText)}; by chance ${share(chance)}`;
}
