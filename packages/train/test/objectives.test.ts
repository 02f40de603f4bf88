/** Ten steps of each objective through `fit` against PyTorch's losses: golden folders written by tools/reference/train.py and those of the models. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AdamW, constant, decayMatricesOnly, init, type Tensor } from "@x/layers";
import { checkForLeaks, goldensOf } from "@x/testing";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { CLIP } from "../../clip/src/index.ts";
import {
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  M2M100,
  SentenceEncoder,
  type Tokenizer,
  Transformer,
  translate,
} from "../../models-nlp/src/index.ts";
import { goldenBytes, goldenJson, tokenizerOf } from "../../models-nlp/test/tokenizer-golden.ts";
import { MAE, ViT } from "../../models-vision/src/index.ts";
import {
  type AnsweredQuestion,
  type ClassifiedImage,
  type ClassifiedText,
  distillation,
  evaluate,
  fit,
  type FitOptions,
  imageClassification,
  imageText,
  type Learned,
  maskedImage,
  maskedLanguage,
  type Objective,
  questionAnswering,
  rankedPairs,
  type RankedPair,
  scoredPairs,
  type ScoredPair,
  type TaggedText,
  textClassification,
  tokenClassification,
  translation,
  type Triplet,
  triplets,
} from "../src/index.ts";
import { rgb } from "./pixels.ts";
import { bound, expectLosses, picked, rowsIn, tenPlainSteps, tokenizerOfRows } from "./ten-steps.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

const folder = (name: string): string => fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
interface Golden<Example> {
  readonly examples: readonly Example[];
  readonly losses: readonly number[];
  readonly places: readonly (readonly number[])[];
}
const golden = <Example>(name: string): Golden<Example> =>
  JSON.parse(readFileSync(`${folder(name)}/golden.json`, "utf8")) as Golden<Example>;

/** Ten steps as tools/reference/train.py takes them. */
async function tenSteps<Example, Batch, Outcome extends Learned>(
  objective: Objective<Example, Batch, Outcome>,
  { examples, losses }: Pick<Golden<Example>, "examples" | "losses">,
  options: FitOptions<Example> = {},
): Promise<void> {
  using optimizer = new AdamW(decayMatricesOnly(objective.model.parameters(), 0.1), { learningRate: 3e-3 });
  const { history } = await fit(objective, examples, { steps: 10, batchSize: examples.length, schedule: constant, optimizer, ...options });
  expectLosses(
    history.map((entry) => ("loss" in entry ? entry.loss : NaN)),
    losses,
  );
}

describe("texts' classes", () => {
  test.each(["classify_single", "classify_multi", "classify_regression"])("%s, whole and in parts", async (name) => {
    for (const accumulate of [1, 3]) {
      using model = await BertForSequenceClassification.fromPretrained(folder(name));
      await tenSteps(textClassification(model), golden<ClassifiedText>(name), { accumulate });
    }
  });

  test("scores, and what is refused", async () => {
    using model = await BertForSequenceClassification.fromPretrained(folder("classify_single"));
    const objective = textClassification(model);
    const { examples } = golden<ClassifiedText>("classify_single");
    await fit(objective, examples, { steps: 60, batchSize: 6, learningRate: 1e-2 });
    const ones = { precision: 1, recall: 1, f1: 1, support: 2 };
    expect(await evaluate(objective, examples, { batchSize: 4 })).toEqual({
      loss: expect.closeTo(0, 1),
      accuracy: 1,
      f1: 1,
      classes: { bad: ones, good: ones, neither: ones },
      confusion: [
        [2, 0, 0],
        [0, 2, 0],
        [0, 0, 2],
      ],
    });
    for (const label of ["worse", 3, -1, 0.5, ["good"]])
      await expect(fit(objective, [{ text: "a", label }])).rejects.toThrow(
        "textClassification: labels are bad, good, neither, or their numbers",
      );
    model.tokenizer = undefined;
    expect(() => textClassification(model)).toThrow(
      "textClassification: the model needs a tokenizer (set `model.tokenizer`), but it has none",
    );
  });

  test("a teacher's word counts beside the labels, in training only", async () => {
    using student = await BertForSequenceClassification.fromPretrained(folder("classify_single"));
    using teacher = await BertForSequenceClassification.fromPretrained(folder("classify_single"));
    await fit(textClassification(teacher), golden<ClassifiedText>("classify_single").examples, { steps: 40, learningRate: 1e-2 });
    const unlabelled = golden<ClassifiedText>("classify_single").examples.map(({ text }) => ({ text, label: "bad" }));
    const taught = distillation(textClassification(student), ({ text }) => teacher.forward(text), { share: 1 });
    await fit(taught, unlabelled, { steps: 60, learningRate: 1e-2 });
    expect(await evaluate(textClassification(student), golden<ClassifiedText>("classify_single").examples)).toMatchObject({ accuracy: 1 });
    expect((await evaluate(taught, unlabelled)).loss).toBe((await evaluate(textClassification(student), unlabelled)).loss);
  });
});

test("a teacher's word beside the labels", async () => {
  using student = await BertForSequenceClassification.fromPretrained(folder("distill_texts"));
  using teacher = await BertForSequenceClassification.fromPretrained(folder("classify_single"));
  const objective = distillation(textClassification(student), ({ text }) => teacher.forward(text), { temperature: 3 });
  await tenSteps(objective, golden<ClassifiedText>("distill_texts"));
});

test("whether a sentence follows", async () => {
  {
    using model = await BertForNextSentencePrediction.fromPretrained(folder("next_sentence"));
    await tenSteps(textClassification(model), golden<ClassifiedText>("next_sentence"));
  }
  using model = await BertForNextSentencePrediction.fromConfig({
    vocabSize: 170,
    hiddenSize: 16,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 24,
  });
  using known = await BertForSequenceClassification.fromPretrained(folder("classify_single"));
  model.tokenizer = known.tokenizer;
  const pairs = ["good", "bad", "fast", "slow"].flatMap((text) => [
    { text, pair: text, label: 0 },
    { text, pair: "whale", label: 1 },
  ]);
  await fit(textClassification(model), pairs, { epochs: 40, learningRate: 1e-2 });
  expect(await evaluate(textClassification(model), pairs)).toMatchObject({ accuracy: 1 });
});

test("words' tags, whole and in parts that have not as many words", async () => {
  for (const accumulate of [1, 2]) {
    using model = await BertForTokenClassification.fromPretrained(folder("tag"));
    await tenSteps(tokenClassification(model), golden<TaggedText>("tag"), { accumulate });
  }
  using model = await BertForTokenClassification.fromPretrained(folder("tag"));
  const objective = tokenClassification(model);
  const { examples } = golden<TaggedText>("tag");
  await fit(objective, examples, { steps: 60, learningRate: 1e-2 });
  expect(await evaluate(objective, examples)).toMatchObject({ accuracy: 1, f1: 1, kinds: { LOC: { support: 1 }, PER: { support: 2 } } });
  await expect(fit(objective, [{ words: ["a", "b"], tags: ["O"] }])).rejects.toThrow("every word has a tag, but 2 words and 1 tags came");
  await expect(fit(objective, [{ words: ["a"], tags: ["B-DOG"] }])).rejects.toThrow(
    'tags are O, B-PER, I-PER, B-LOC, I-LOC, or their numbers, but "B-DOG" came',
  );
});

test("answers, also of contexts that are too long for one window", async () => {
  const { examples, ...rest } = golden<AnsweredQuestion>("answer");
  {
    using model = await BertForQuestionAnswering.fromPretrained(folder("answer"));
    await tenSteps(questionAnswering(model), { examples, ...rest });
  }
  using model = await BertForQuestionAnswering.fromPretrained(folder("answer"));
  const objective = questionAnswering(model, { maxLength: 20, stride: 6 });
  const batch = await objective.collate(examples);
  expect(batch.windows.length).toBeGreaterThan(examples.length);
  const told = batch.windows.flatMap(({ offsets }, i) => {
    const [start, end] = [batch.starts.data[i] ?? 0, batch.ends.data[i] ?? 0];
    return start === 0 ? [] : [batch.owners[i]?.context.slice(offsets[start]?.[0], offsets[end]?.[1])];
  });
  expect(new Set(told)).toEqual(new Set(examples.flatMap(({ answer }) => answer?.text ?? [])));
  for (const part of [batch.text, batch.starts, batch.ends]) part[Symbol.dispose]();
  await fit(objective, examples, { steps: 100, learningRate: 1e-2 });
  expect(await evaluate(objective, examples)).toMatchObject({ exactMatch: 100, f1: 100 });
  await expect(fit(objective, [{ question: "a", context: "b c", answer: { text: "c", start: 0 } }])).rejects.toThrow(
    'an answer stands where it says: "c" at 0, but there is "b"',
  );
});

test("masked words", async () => {
  using model = await BertForMaskedLM.fromPretrained(folder("mask"));
  const { examples, places, losses } = golden<{ text: string }>("mask");
  const tokenizer = model.tokenizer as Tokenizer;
  const chosen = new Map(examples.map(({ text }, i) => [tokenizer.encode(text).ids.join(), places[i] ?? []]));
  const mask = ({ ids }: { readonly ids: readonly number[] }) => {
    const hidden = new Set(chosen.get(ids.join()));
    return {
      ids: ids.map((id, i) => (hidden.has(i) ? (tokenizer.special.mask ?? 0) : id)),
      labels: ids.map((id, i) => (hidden.has(i) ? id : -100)),
    };
  };
  const objective = maskedLanguage(model, { mask });
  await tenSteps(objective, { examples, losses }, { accumulate: 2 });
  const { loss, perplexity } = await evaluate(objective, examples, { batchSize: 4 });
  expect(perplexity).toBeCloseTo(Math.exp(loss), 10);
});

describe("sentences' embeddings", () => {
  test("pairs among a batch, with one pass or two", async () => {
    for (const chunkSize of [undefined, 2, 1]) {
      using model = await SentenceEncoder.fromPretrained(folder("embed_ranked"));
      await tenSteps(rankedPairs(model, { chunkSize }), golden<RankedPair>("embed_ranked"));
    }
    using model = await SentenceEncoder.fromPretrained(folder("embed_ranked"));
    const objective = rankedPairs(model);
    const { examples } = golden<RankedPair>("embed_ranked");
    await fit(objective, examples, { steps: 40, learningRate: 1e-2 });
    expect(await evaluate(objective, examples, { batchSize: 2 })).toMatchObject({ recallAt1: 1, meanReciprocalRank: 1 });
  });

  test("texts that only seem to belong are told from it, too", async () => {
    using model = await SentenceEncoder.fromPretrained(folder("embed_ranked"));
    const examples = golden<RankedPair>("embed_ranked").examples.map((pair, i) => ({
      ...pair,
      negatives: ["fast", "slow"].map((word) => `${word} ${i}`),
    }));
    const losses = [];
    for (const chunkSize of [undefined, 2])
      losses.push((await fit(rankedPairs(model, { chunkSize }), examples, { steps: 1, learningRate: 0 })).history[0]);
    expect(losses[1]).toMatchObject({ loss: expect.closeTo((losses[0] as { loss: number }).loss, 5) });
    expect((losses[0] as { loss: number }).loss).toBeGreaterThan(golden("embed_ranked").losses[0] ?? 0);
  });

  test("dropout draws the same in both passes", async () => {
    const gradients: number[][] = [];
    for (const chunkSize of [undefined, 100]) {
      using model = await SentenceEncoder.fromPretrained(folder("embed_ranked"), { config: { hiddenDropoutProb: 0.2 } });
      const { history } = await fit(rankedPairs(model, { chunkSize }), golden<RankedPair>("embed_ranked").examples, {
        steps: 3,
        learningRate: 1e-2,
      });
      gradients.push(history.map((entry) => ("loss" in entry ? entry.gradientNorm : 0)));
    }
    for (const [i, norm] of (gradients[1] ?? []).entries()) expect(norm).toBeCloseTo(gradients[0]?.[i] ?? 0, 4);
  });

  test("pairs with a score, and triplets", async () => {
    using model = await SentenceEncoder.fromPretrained(folder("embed_scored"));
    const scored = golden<ScoredPair>("embed_scored");
    await tenSteps(scoredPairs(model), scored);
    await fit(scoredPairs(model), scored.examples, { steps: 40, learningRate: 1e-2 });
    expect(await evaluate(scoredPairs(model), scored.examples)).toMatchObject({ spearman: expect.closeTo(1, 10) });
    using other = await SentenceEncoder.fromPretrained(folder("embed_triplet"));
    await tenSteps(triplets(other), golden<Triplet>("embed_triplet"));
    expect(await evaluate(triplets(other), golden<Triplet>("embed_triplet").examples)).toMatchObject({ accuracy: 1 });
  });
});

test("images' classes", async () => {
  using model = await ViT.fromPretrained(folder("classify_images"));
  const { examples, losses } = golden<ClassifiedImage<{ width: number; height: number; data: number[] }>>("classify_images");
  await tenSteps(imageClassification(model), { examples, losses });
  await fit(imageClassification(model), examples, { steps: 40, learningRate: 1e-2 });
  const spy = { process: vi.fn(() => model.processor.process(rgb(16, 16))) };
  const objective = imageClassification(model, { processor: spy });
  expect(await evaluate(objective, examples)).toMatchObject({ accuracy: 1 });
  expect(spy.process, "evaluation takes the model's own").not.toHaveBeenCalled();
  await fit(objective, examples, { steps: 1, batchSize: 1 });
  expect(spy.process).toHaveBeenCalledOnce();
  await expect(fit(objective, [{ image: {} as never, label: 0 }], { steps: 1 })).resolves.toBeDefined();
  await expect(fit(imageClassification(model), [{ image: {} as never, label: 0 }], { steps: 1 })).rejects.toThrow(
    "an image is a file's bytes",
  );
});

test.each(["hard", "soft"] as const)("a DeiT learns from a teacher by its second token: %s", async (kind) => {
  using teacher = await ViT.fromPretrained(folder("classify_images"));
  using model = await ViT.fromPretrained(folder(`distill_images_${kind}`));
  const options = { distillation: { teacher: (images: Tensor) => teacher.forward(images), kind, temperature: 3 } };
  const { examples, losses } = golden<ClassifiedImage<{ width: number; height: number; data: number[] }>>(`distill_images_${kind}`);
  await tenSteps(imageClassification(model, options), { examples, losses });
  const [taught, plain] = [imageClassification(model, options), imageClassification(model)];
  expect((await evaluate(taught, examples)).loss).toBe((await evaluate(plain, examples)).loss);
  expect(() => imageClassification(teacher, options)).toThrow("is a DeiT with two heads, but the model is another");
});

test("images and texts that belong together: CLIP", async () => {
  const { goldenFolder, readGolden } = goldensOf(new URL("../../clip/golden/", import.meta.url));
  const numbers = await readGolden("hugging_face");
  using model = await CLIP.fromPretrained(goldenFolder("hugging_face"));
  using pixels = numbers.tensor("pixel_values");
  using ids = numbers.ids("input_ids");
  using mask = numbers.ids("attention_mask");
  const seen = mask.toTypedArray();
  const tokenizer = tokenizerOfRows(
    rowsIn(ids, (place) => seen[place] === 1),
    1,
  );
  const processor = { process: async (rows: readonly number[]) => picked(pixels, rows) };
  const like = new Proxy(model, {
    get: (of, name) => (name === "tokenizer" ? tokenizer : name === "processor" ? processor : bound(of, name)),
  }) as unknown as Parameters<typeof imageText<number>>[0];
  const objective = imageText<number>(like);
  const examples = [0, 1, 2].map((row) => ({ image: row, text: String(row) }));
  await tenPlainSteps(objective, model, examples, numbers.values("losses"));
});

test("images without their patches: MAE", async () => {
  const { goldenFolder, readGolden } = goldensOf(new URL("../../models-vision/golden/", import.meta.url));
  const numbers = await readGolden("mae");
  using model = await MAE.fromPretrained(goldenFolder("mae"));
  using pixels = numbers.tensor("pixel_values");
  using noise = numbers.tensor("noise");
  let order: readonly number[] = [];
  const like = new Proxy(model, {
    get(of, name) {
      if (name === "processor") return { process: async (rows: readonly number[]) => picked(pixels, (order = rows)) };
      return name === "drawNoise" ? () => picked(noise, order) : bound(of, name);
    },
  }) as unknown as Parameters<typeof maskedImage<number>>[0];
  const objective = maskedImage<number>(like);
  await tenPlainSteps(objective, model, [{ image: 0 }, { image: 1 }], numbers.values("losses"));
});

test("translation: Transformer", async () => {
  const { goldenFolder, readGolden } = goldensOf(new URL("../../models-nlp/golden/", import.meta.url));
  const numbers = await readGolden("transformer");
  using model = await Transformer.fromPretrained(goldenFolder("transformer"), { config: { dropout: 0 } });
  using ids = numbers.ids("input_ids");
  using mask = numbers.ids("attention_mask");
  using labels = numbers.ids("labels");
  const [seen, wanted] = [mask.toTypedArray(), labels.toTypedArray()];
  const sources = tokenizerOfRows(
    rowsIn(ids, (place) => seen[place] === 1),
    model.config.padTokenId,
  );
  const targets = tokenizerOfRows(
    rowsIn(labels, (place) => wanted[place] !== -100),
    model.config.padTokenId,
  );
  model.tokenizer = sources as unknown as Tokenizer;
  model.targetTokenizer = targets as unknown as Tokenizer;
  const objective = translation(model);
  const examples = ["0", "1", "2"].map((row) => ({ source: row, target: row }));
  await tenPlainSteps(objective, model, examples, numbers.values("losses"));
  const { loss, perplexity } = await evaluate(objective, examples);
  expect(perplexity).toBeCloseTo(Math.exp(loss), 8);
});

test("translation between two of a model's many languages", async () => {
  const { files } = goldenJson<{ files: Record<string, object | string> }[]>("languages.json")[0] ?? { files: {} };
  const tokenizer = await tokenizerOf({ ...files, "sentencepiece.bpe.model": goldenBytes("spm-unigram-spaces.model") });
  using model = await M2M100.fromConfig({
    vocabSize: tokenizer.vocabSize,
    dModel: 24,
    encoderLayers: 1,
    decoderLayers: 1,
    encoderAttentionHeads: 2,
    decoderAttentionHeads: 2,
    encoderFfnDim: 16,
    decoderFfnDim: 16,
    maxPositionEmbeddings: 40,
    dropout: 0,
  });
  model.tokenizer = tokenizer;
  model.targetTokenizer = tokenizer;
  const objective = translation(model, { from: "fr", to: "zh" });
  const examples = [{ source: "the test", target: "test the" }];
  const { text, labels } = await objective.collate(examples);
  const wanted = [tokenizer.languageId("zh"), ...tokenizer.encode("test the", { addSpecialTokens: false }).ids, tokenizer.special.eos];
  expect([...labels.data]).toEqual(wanted);
  expect([...text.inputIds.data]).toEqual(tokenizer.inLanguage("fr").encode("the test").ids);
  for (const part of [text, labels]) part[Symbol.dispose]();
  await fit(objective, examples, { steps: 150, learningRate: 1e-2 });
  expect(await translate(model, "the test", { from: "fr", to: "zh" })).toBe("test the");
  expect(() => translation(model, { to: "tlh" })).toThrow('it has no language "tlh"');
  using other = await Transformer.fromPretrained(
    goldensOf(new URL("../../models-nlp/golden/", import.meta.url)).goldenFolder("transformer"),
  );
  other.tokenizer = tokenizerOfRows([], 0) as unknown as Tokenizer;
  expect(() => translation(other, { from: "fr" })).toThrow(
    'translation: languages are for a model of many, with a tokenizer that knows them, but "fr" came',
  );
});
