import { AdamW, noam } from "@x/layers";
import { shuffled } from "@x/example-translation/src/batches.ts";
import { jointTokenizer } from "@x/example-translation/src/joint-tokenizer.ts";
import { sentencePairs } from "@x/example-translation/src/sentence-pairs.ts";
import { Transformer, translate } from "@x/models-nlp";
import { bleu, fit, translation } from "@x/train";
import { chart } from "../draw/chart.ts";
import type { Lab } from "../lab.ts";
import type { Findings, Paper } from "../paper.ts";
import { lookedAt, waves } from "../figures/transformer.ts";

const [WIDTH, LAYERS, HEADS] = [128, 2, 2];

export const transformer: Paper = {
  id: "transformer",
  title: "Attention Is All You Need",
  by: "Vaswani et al. 2017",
  arXiv: "1706.03762",
  idea: "No recurrence: every word looks at every other through attention, in several heads; the decoder sees what is written so far and, by cross-attention, the whole text. Places are told by sines and cosines.",
  mechanism: [
    { name: "English", detail: "subwords, √d · embedding" },
    { name: "+ sinusoids", isNew: true },
    { name: "self-attention", detail: "2 heads, add & norm", isNew: true, isRepeated: true },
    { name: "cross-attention", detail: "decoder → encoder", isNew: true, isRepeated: true },
    { name: "feed-forward", detail: "128 → 512 → 128", isRepeated: true },
    { name: "softmax", detail: "the embeddings again" },
    { name: "German", detail: "a word at a time" },
  ],
  data: "The TypeScript compiler's messages, English and German (npm typescript 5.9.3, Apache-2.0): 200 held out, the rest to learn from, and one joint byte-pair vocabulary learned from these.",
  recipe:
    "As in §5: post-norm, shared embeddings, label smoothing 0.1, Adam (0.9, 0.98, 10⁻⁹), the rate up and then down with the square root of the steps, sentences of like length together, beam search with length penalty. In small: 2 + 2 layers, 128 wide, 2 heads, a vocabulary of 1 500, dropout 0.15; 2 200 steps of 32, warm-up 300; gradients clipped at 1.",
  async run(lab: Lab): Promise<Findings> {
    const pairs = shuffled(await sentencePairs("de"), lab.rng(0));
    const [unseen, learned] = [pairs.slice(0, 200), pairs.slice(200)];
    const tokenizer = jointTokenizer(
      learned.flatMap(({ source, target }) => [source, target]),
      1500,
    );
    const stack = { layers: LAYERS, heads: HEADS, ffn: 4 * WIDTH };
    const model = await Transformer.fromConfig(
      {
        vocabSize: tokenizer.vocabSize,
        dModel: WIDTH,
        dropout: 0.15,
        maxPositionEmbeddings: 128,
        encoderLayers: stack.layers,
        encoderAttentionHeads: stack.heads,
        encoderFfnDim: stack.ffn,
        decoderLayers: stack.layers,
        decoderAttentionHeads: stack.heads,
        decoderFfnDim: stack.ffn,
      },
      { rng: lab.rng(1) },
    );
    model.tokenizer = model.targetTokenizer = tokenizer;
    using optimizer = new AdamW(model.parameters(), { learningRate: 0, beta2: 0.98, eps: 1e-9, weightDecay: 0 });
    const result = await fit(translation(model), learned, {
      ...lab.watched("messages"),
      steps: lab.steps(2200),
      batchSize: 32,
      groupByLength: true,
      optimizer,
      schedule: () => noam(WIDTH, 300, 0.8),
      rng: lab.rng(2),
    });

    const asked = lab.part(unseen);
    const points: { x: number; y: number; line: string }[] = [];
    let written: string[] = [];
    for (const numBeams of [1, 2, 4, 8]) {
      const found = await translate(
        model,
        asked.map(({ source }) => source),
        { numBeams, lengthPenalty: 0.6, maxLength: 100, batchSize: 32 },
      ); // §6.1
      const { score } = bleu(
        found,
        asked.map(({ target }) => target),
      );
      if (numBeams === 4) written = found;
      points.push({ x: numBeams, y: score, line: "BLEU" });
      console.log(`  ${numBeams} beams: BLEU ${score.toFixed(2)}`);
    }
    const of = (beams: number): number => points.find(({ x }) => x === beams)?.y ?? 0;
    const shown = asked.map((pair, i) => ({ ...pair, found: written[i] ?? "" })).filter(({ source }) => source.length < 60);
    return {
      scores: [
        ["BLEU on 200 messages never seen, greedy", of(1).toFixed(1)],
        ["… 4 beams, as in the paper", of(4).toFixed(1)],
        ...shown
          .slice(0, 4)
          .map(({ source, target, found }) => [source, found === target ? found : `${found} (reference: ${target})`] as const),
      ],
      score: `BLEU ${of(1).toFixed(1)} on 200 messages that it never saw`,
      curves: [{ title: "Transformer, English to German: loss", fit: result }],
      figures: [
        {
          title: "BLEU and the width of the beam",
          caption: "On the 200 held-out messages; the paper takes 4 beams and a length penalty of 0.6 (§6.1).",
          svg: await chart(points, { x: "beams", y: "BLEU", log: "x" }),
        },
        lookedAt(model, shown[0]?.source ?? "", shown[0]?.found ?? ""),
        waves(),
      ],
      numbers: { greedy: of(1), beams: of(4) },
      models: { "messages-de": model },
    };
  },
};
