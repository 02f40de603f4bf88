/** Tiny models of random weights as the hub would have them, in folders by name. */
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { init, Rng, shutdown } from "@x/layers";
import {
  BertForMaskedLM,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  Marian,
  SentenceEncoder,
  Tokenizer,
} from "@x/models-nlp";

export const packages: string = join(import.meta.dirname, "../..");
const goldens = join(packages, "models-nlp/golden");

const encoder = {
  vocabSize: 168,
  hiddenSize: 16,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 32,
  maxPositionEmbeddings: 64,
};

const classes = {
  "fill-mask": BertForMaskedLM,
  "classify-text": BertForSequenceClassification,
  tag: BertForTokenClassification,
  answer: BertForQuestionAnswering,
  embed: SentenceEncoder,
};

/** Writes `fill-mask`, `classify-text`, `tag`, `answer`, `embed` and `translate` below a folder. */
export async function writeModels(folder: string): Promise<void> {
  await init();
  const tokenizer = await Tokenizer.fromPretrained(join(goldens, "tasks/vocab.txt"));
  for (const [name, Class] of Object.entries(classes) as [string, typeof BertForMaskedLM][]) {
    using model = await Class.fromConfig({ ...encoder, id2label: { 0: "calm", 1: "stormy", 2: "foggy" } }, { rng: new Rng(7) });
    model.tokenizer = tokenizer;
    await model.savePretrained(join(folder, name));
  }
  const vocabulary = join(goldens, "tokenizers/marian/vocab.json");
  const vocabSize = Object.keys(JSON.parse(await readFile(vocabulary, "utf8")) as object).length;
  const [padTokenId, layers, heads] = [vocabSize - 1, 1, 2];
  const shape = { dModel: 16, encoderLayers: layers, decoderLayers: layers, encoderAttentionHeads: heads, decoderAttentionHeads: heads };
  using marian = await Marian.fromConfig(
    {
      ...shape,
      encoderFfnDim: 32,
      decoderFfnDim: 32,
      vocabSize,
      padTokenId,
      decoderStartTokenId: padTokenId,
      initStd: 0.5,
      scaleEmbedding: true,
    },
    { rng: new Rng(6) },
  );
  marian.generation = { maxLength: 12, numBeams: 2, badWordsIds: [[padTokenId]], forcedEosTokenId: 0 };
  await marian.savePretrained(join(folder, "translate"));
  await copyFile(join(goldens, "tokenizers/tiny_unigram.model"), join(folder, "translate/source.spm"));
  await copyFile(join(goldens, "tokenizers/tiny_spm_bpe.model"), join(folder, "translate/target.spm"));
  await copyFile(vocabulary, join(folder, "translate/vocab.json"));
  shutdown();
}

if (import.meta.main && process.argv[2] !== undefined) await writeModels(process.argv[2]);
