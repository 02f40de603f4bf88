/** How fast FNet is, and what its mixing does. */
import { backward, fourierMix, intTensor, mean, noGrad, scope, subtract } from "@x/layers";
import { BertForPreTraining, FNetForPreTraining } from "@x/models-nlp";
import { chart } from "../draw/chart.ts";
import { signed, tiles } from "../draw/tiles.ts";
import type { Lab } from "../lab.ts";
import { LENGTH } from "../recipes/speeches.ts";
import type { Figure } from "../report.ts";
import { interleaved } from "../timing.ts";

/** Figure 2 and table 5 in miniature: how long a step takes at which length. */
export async function speeds(lab: Lab): Promise<Figure> {
  const points: { x: number; y: number; line: string }[] = [];
  const shape = {
    vocabSize: 1000,
    hiddenSize: 128,
    numHiddenLayers: 2,
    intermediateSize: 512,
    maxPositionEmbeddings: 2048,
    hiddenDropoutProb: 0,
  };
  using bert = await BertForPreTraining.fromConfig({ ...shape, numAttentionHeads: 4, attentionProbsDropoutProb: 0 }, { rng: lab.rng(3) });
  using fourier = await FNetForPreTraining.fromConfig(shape, { rng: lab.rng(3) });
  for (const length of lab.part([64, 128, 256, 512, 1024, 2048])) {
    const inputIds = intTensor(
      Array.from({ length }, (_, i) => i % 1000),
      [1, length],
    );
    const step = (model: BertForPreTraining | FNetForPreTraining) => () => scope(() => backward(mean(model.encode({ inputIds }))));
    const [ofBert = 0, ofFNet = 0] = interleaved([step(bert), step(fourier)], 7);
    inputIds.dispose();
    points.push({ x: length, y: ofBert, line: "BERT" }, { x: length, y: ofFNet, line: "FNet" });
  }
  const ratio = (length: number): number =>
    (points.find(({ x, line }) => x === length && line === "BERT")?.y ?? 0) /
    (points.find(({ x, line }) => x === length && line === "FNet")?.y ?? 1);
  const lengths = [...new Set(points.map(({ x }) => x))];
  return {
    title: "Speed beside BERT (figure 2, table 5)",
    caption: `One text forward and back through the encoder, median of seven in turns. FNet is ${lengths.map((length) => `${ratio(length).toFixed(1)} times as fast at ${length}`).join(", ")} tokens.`,
    svg: await chart(points, { x: "tokens", y: "milliseconds", log: "both" }),
  };
}

/** One word is changed: what changes before and after the mixing. */
export function mixed(model: FNetForPreTraining): Figure {
  const { tokenizer } = model;
  if (!tokenizer) throw new Error("the model lost its tokenizer");
  const encode = (text: string) => tokenizer.encode(text, { maxLength: LENGTH, truncation: "first" });
  const changes = noGrad(() => {
    const [x, y] = ["we must keep the peace with all nations", "we must keep the [MASK] with all nations"].map((text) => {
      using batch = tokenizer.pad([encode(text)], { length: LENGTH });
      return model.embeddings.forward(batch.inputIds, batch.tokenTypeIds); // (1, N, D)
    });
    return x && y ? [subtract(y, x), subtract(fourierMix(y), fourierMix(x))].map((tensor) => tensor.toTypedArray()) : [];
  });
  return {
    title: "What one word changes",
    caption: `One of the words becomes [MASK]: the difference before the first Fourier transform (a single row: that place) and after it (every place and channel). ${LENGTH} places from top to bottom, 128 channels from left to right.`,
    svg: tiles(
      changes.map((values, i) => ({ image: signed(values, 128), label: i === 0 ? "before mixing" : "after mixing" })),
      { columns: 2, size: 330 },
    ),
  };
}
