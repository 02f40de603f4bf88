import { FNetForMaskedLM, FNetForPreTraining, FNetForSequenceClassification } from "@x/models-nlp";
import type { Lab } from "../lab.ts";
import type { Findings, Paper } from "../paper.ts";
import { percent } from "../recipes/classifier.ts";
import { eras, fineTuned, narrow, preTrained, readCorpus, withoutReading } from "../recipes/speeches.ts";
import { speeds, mixed } from "../figures/fnet.ts";

const LABELS = 800;

export const fnet: Paper = {
  id: "fnet",
  title: "FNet: Mixing Tokens with Fourier Transforms",
  by: "Lee-Thorp et al. 2022",
  arXiv: "2105.03824",
  idea: "BERT with self-attention replaced by a Fourier transform over places and channels, of which the real part is kept: nothing to learn, nothing that grows with the square of the length, and most of BERT's accuracy.",
  mechanism: [
    { name: "two texts", detail: "15 % masked, as BERT" },
    { name: "embeddings", detail: "word + place + text" },
    { name: "Fourier", detail: "over channels, then places", isNew: true, isRepeated: true },
    { name: "real part", detail: "add & norm", isNew: true, isRepeated: true },
    { name: "feed-forward", detail: "128 → 512 → 128", isRepeated: true },
    { name: "which words?", detail: "and does B follow A?" },
  ],
  data: "The same speeches, pairs and vocabulary as BERT's, and the same held-out ones.",
  recipe:
    "As in §4.1: BERT's objectives and recipe, whatever is mixed. In small: 2 layers, 128 wide, as BERT beside it; pairs of at most 40 tokens, padded to 40 since the transform mixes padding in; 4 000 steps of 32 at the same rate, which the paper chooses for each model.",
  beside: (own, of) => {
    const bert = of("bert");
    const shares = [
      ["words", "masked words found"],
      ["nextSentences", "next sentences told"],
      ["eras", "eras told after fine-tuning"],
    ] as const;
    return bert === undefined
      ? []
      : [
          ...shares.map(
            ([name, what]) => [`${what}: FNet beside BERT`, `${percent(own[name] ?? 0)} beside ${percent(bert[name] ?? 0)}`] as const,
          ),
          [
            "the same steps took FNet, of BERT's time (on a machine that did other things, too)",
            percent((own["seconds"] ?? 0) / (bert["seconds"] ?? 1), 0),
          ],
        ];
  },
  async run(lab: Lab): Promise<Findings> {
    const corpus = await readCorpus(lab);
    const model = await FNetForPreTraining.fromConfig({ ...narrow(corpus), typeVocabSize: 2 }, { rng: lab.rng(0) });
    const { result, words, nextSentences, folder } = await preTrained(lab, model, corpus);
    using reader = await FNetForSequenceClassification.fromPretrained(folder, { labels: eras });
    const told = await fineTuned(lab, reader, corpus, LABELS);
    const guessed = withoutReading(corpus);
    return {
      scores: [
        [`masked words found in speeches never seen (the commonest word: ${percent(guessed.words)})`, percent(words)],
        [`next sentences told (the commoner answer: ${percent(guessed.nextSentences)})`, percent(nextSentences)],
        [`fine-tuned with ${LABELS} passages to tell their era (the commonest: ${percent(guessed.eras)})`, percent(told)],
      ],
      score: `${percent(words)} of the masked words in speeches it never saw`,
      curves: [{ title: "FNet: masked words + next sentence", fit: result }],
      figures: [await speeds(lab), mixed(model)],
      numbers: { words, nextSentences, eras: told, seconds: result.seconds },
      models: { "speeches-fnet": await FNetForMaskedLM.fromPretrained(folder), "speeches-fnet-pretraining": model },
    };
  },
};
