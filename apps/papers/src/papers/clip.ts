import { zeroShot } from "@x/clip";
import { AdamW, cosineWithWarmup, decayMatricesOnly } from "@x/layers";
import { sentences } from "@x/example-emoji/src/captions.ts";
import { drawingsBy, embedDrawings } from "@x/example-emoji/src/drawings.ts";
import { newModel } from "@x/example-emoji/src/new-model.ts";
import { uniform } from "@x/example-emoji/src/random-numbers.ts";
import { similarity } from "@x/search";
import { fit } from "@x/train";
import { chart } from "../draw/chart.ts";
import type { Lab } from "../lab.ts";
import type { Findings, Paper } from "../paper.ts";
import { percent } from "../recipes/classifier.ts";
import { drawnEmoji, emojiFile, emojiPairs } from "../recipes/emoji.ts";
import { figureOne } from "../figures/clip.ts";

export const clip: Paper = {
  id: "clip",
  title: "Learning Transferable Visual Models From Natural Language Supervision",
  by: "Radford et al. 2021",
  arXiv: "2103.00020",
  idea: "A picture encoder and a text encoder learn together which caption belongs to which picture of a batch. Then any words are a classifier: no labels, no training, only names put into sentences.",
  mechanism: [
    { name: "pictures", detail: "48 × 48, N of them" },
    { name: "ViT", detail: "3 layers, 64 wide" },
    { name: "N × N cosines", detail: "times a learned scale", isNew: true },
    { name: "which is whose?", detail: "cross-entropy both ways", isNew: true },
    { name: "text Transformer", detail: "3 layers, 128 wide", isNew: true },
    { name: "captions", detail: "N of them" },
  ],
  data: "Emoji as five vendors draw them, with names and keywords of CLDR (npm @iconify-json/…, emojibase-data); a sixth vendor, OpenMoji, is held out wholly.",
  recipe:
    "As in §2.3 to 2.5: symmetric cross-entropy over the batch, a learned temperature of at most 100, Adam (0.9, 0.98, 10⁻⁶), decoupled weight decay, warm-up and cosine, lower-cased byte-pair text. In small: batches of 96, 600 steps; captions are names in sentences or keywords; drawings are moved, turned, recoloured and put on any background (the paper only crops). The published @x/clip-emoji had over ten times as many steps, and a wider picture encoder.",
  async run(lab: Lab): Promise<Findings> {
    const file = await emojiFile();
    const heldOut = file.vendors.length - 1;
    const model = await newModel(file, { width: 64, layers: 3, seed: lab.rng(0).seed });
    using optimizer = new AdamW(decayMatricesOnly(model.parameters(), 0.1), { learningRate: 1e-3, beta2: 0.98, eps: 1e-6 });
    const result = await fit(emojiPairs(model, file, lab.rng(1)), drawnEmoji(file, heldOut), {
      ...lab.watched("emoji"),
      steps: lab.steps(600),
      batchSize: 96,
      optimizer,
      schedule: (rate, steps) => cosineWithWarmup(rate, Math.ceil(steps / 20), steps),
      rng: lab.rng(2),
    });

    const unseen = lab.part(drawingsBy(heldOut, file));
    const labels = unseen.map(({ emoji }) => file.emoji[emoji]?.label ?? "");
    const images = await embedDrawings(model, unseen);
    const scoresOf = async (templates: readonly string[]): Promise<readonly Float32Array[]> => {
      using names = await zeroShot(model, labels, { templates, batchSize: 256, truncation: "first" });
      return similarity(images, names.embeddings);
    };
    const [ensemble, plain] = [await scoresOf(sentences), await scoresOf(["{label}"])];
    const sizes = [2, 5, 10, 50, 100, 500, labels.length].filter((size) => size <= labels.length);
    const random = uniform(lab.rng(3));
    const points = sizes.flatMap((size) => {
      const chosen = Array.from({ length: 40 }, () => subset(labels.length, size, random)); // the same for both
      return [
        { x: size, y: 100 * accuracy(ensemble, chosen), line: `${sentences.length} sentences` },
        { x: size, y: 100 * accuracy(plain, chosen), line: "the name alone" },
        { x: size, y: 100 / size, line: "chance" },
      ];
    });
    const at = (size: number): number => (points.find(({ x }) => x === size)?.y ?? 0) / 100;
    return {
      scores: [
        [`zero-shot, which of 10 emoji a vendor never seen has drawn (chance 10 %)`, percent(at(10))],
        ["… of 100 (chance 1 %)", percent(at(100))],
        [`… of all ${labels.length} (chance ${percent(1 / labels.length, 2)})`, percent(at(labels.length))],
      ],
      score: `${percent(at(10))} zero-shot among ten emoji by a vendor it never saw`,
      curves: [{ title: "CLIP: contrastive loss of 96 pairs", fit: result }],
      figures: [
        {
          title: "Zero-shot: names are the classifier (§3.1)",
          caption:
            "OpenMoji's drawings, none of which was learned from, told among so many names drawn at random; with the mean of several sentences, and with the name alone (§3.1.4).",
          svg: await chart(points, { x: "classes", y: "% told rightly", log: "x", dashed: ["chance"] }),
        },
        await figureOne(model, file, heldOut),
      ],
      numbers: { ten: at(10), hundred: at(100), all: at(labels.length) },
      models: { "emoji-clip": model },
    };
  },
};

/** `size` of `count` numbers, each once. */
function subset(count: number, size: number, random: () => number): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < size; i++) {
    const other = i + Math.floor(random() * (count - i));
    [all[i], all[other]] = [all[other] ?? 0, all[i] ?? 0];
  }
  return all.slice(0, size);
}

/** Over subsets of classes: how often a picture of one of them has the highest score for its own. */
function accuracy(scores: readonly Float32Array[], subsets: readonly (readonly number[])[]): number {
  const right = subsets.flatMap((classes) =>
    classes.map((own) => classes.every((other) => other === own || (scores[own]?.[other] ?? 0) < (scores[own]?.[own] ?? 0))),
  );
  return right.filter(Boolean).length / right.length;
}
