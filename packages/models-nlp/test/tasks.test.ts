/** The tasks against transformers' pipelines: models that answer with recorded logits, so that only the task itself is tested. */
import { readFileSync } from "node:fs";
import { init, liveBytes, type Tensor, tensor } from "@x/layers";
import {
  BertForMaskedLM,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  answer,
  classifyText,
  embedText,
  type Entity,
  fillMask,
  tagTokens,
  type TextInput,
  type Tokenizer,
} from "@x/models-nlp";
import { beforeAll, describe, expect, test } from "vitest";
import { tokenizerOf } from "./tokenizer-golden.ts";

const folder = new URL("../golden/tasks/", import.meta.url);
const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as T;

interface Place {
  readonly begin: number;
  readonly end: number;
}
interface Pipelines {
  readonly fill_mask: readonly { text: string; candidates: { token: string; id: number; probability: number; text: string }[] }[];
  readonly classify: readonly {
    model: string;
    rows: { text: string | [string, string]; classes: { label: string; probability: number }[] }[];
  }[];
  readonly tag: readonly {
    aggregation: "none" | "simple" | "first" | "average" | "max";
    text: string;
    entities: (Place & { label: string; probability: number })[];
  }[];
  readonly tag_windows: { text: string; stride: number; entities: (Place & { label: string; probability: number })[] };
  readonly answer: readonly {
    question: string;
    context: string;
    options: { top_k?: number; max_answer_len?: number; handle_impossible_answer?: boolean };
    answers: (Place & { text: string; probability: number })[];
  }[];
  readonly answer_windows: {
    question: string;
    context: string;
    length: number;
    answers: (Place & { text: string; probability: number })[];
  };
}

const pipelines = read<Pipelines>("pipelines.json");
const recorded = read<Record<string, Record<string, number[][]>>>("logits.json");
let tokenizer: Tokenizer;
beforeAll(async () => {
  await init();
  tokenizer = await tokenizerOf({
    "vocab.txt": readFileSync(new URL("vocab.txt", folder), "utf8"),
    "tokenizer_config.json": { model_max_length: 64 },
  });
});

/** A model that knows its answers by heart. What it says about padding must not matter. */
class Recorded {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly config: { id2label: Record<number, string>; problemType: string | undefined; maxPositionEmbeddings?: number };
  readonly lengths: number[] = [];

  constructor(name: string, labels: readonly string[] = [], problemType?: string) {
    this.name = name;
    this.tokenizer = tokenizer;
    this.config = { id2label: Object.fromEntries(labels.entries()), problemType };
  }

  /** One row a text, of `width` numbers, or of as many a token. */
  outputs({ inputIds, attentionMask, tokenTypeIds }: TextInput, width: number, perToken: boolean): Tensor[] {
    const [batch = 0, length = 0] = inputIds.shape;
    this.lengths.push(length);
    const rows = Array.from({ length: batch }, (_, i) => {
      const row = (ids?: Tensor<"int32">) => Array.from(ids?.data.subarray(i * length, (i + 1) * length) ?? []);
      const isToken = row(attentionMask);
      const kept = (ids?: Tensor<"int32">) => row(ids).filter((__, at) => isToken[at] === 1);
      const found = recorded[this.name]?.[[...kept(inputIds), ...kept(tokenTypeIds)].join(" ")];
      if (!found) throw new Error(`${this.name} has not heard of ${this.tokenizer.decode(kept(inputIds))}`);
      return { found, first: isToken.indexOf(1) };
    });
    return (rows[0]?.found ?? []).map((__, output) => {
      const logits = new Float32Array(batch * (perToken ? length : 1) * width).fill(99);
      for (const [i, { found, first }] of rows.entries())
        logits.set(found[output] ?? [], perToken ? (i * length + first) * width : i * width);
      return tensor(logits, perToken ? [batch, length, width] : [batch, width]);
    });
  }
}

class RecordedTokens extends Recorded {
  forward(text: TextInput): Tensor {
    const width = this.name === "masked" ? this.tokenizer.vocabSize : 5;
    return this.outputs(text, width, true)[0] as Tensor;
  }
}

class RecordedTexts extends Recorded {
  forward(text: TextInput): Tensor {
    return this.outputs(text, Object.keys(this.config.id2label).length, false)[0] as Tensor;
  }
}

class RecordedAnswers extends Recorded {
  forward(text: TextInput): { startLogits: Tensor; endLogits: Tensor } {
    const [start, end] = this.outputs(text, 1, true) as [Tensor, Tensor];
    const flat = (logits: Tensor): Tensor => tensor(Float32Array.from(logits.data), [...text.inputIds.shape]);
    const result = { startLogits: flat(start), endLogits: flat(end) };
    start.dispose();
    end.dispose();
    return result;
  }
}

const tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
const close = <T extends { readonly probability: number }>(values: readonly T[]): (Omit<T, "probability"> & { probability: unknown })[] =>
  values.map((value) => ({ ...value, probability: expect.closeTo(value.probability, 5) as unknown }));
const placed = (entities: readonly Entity[]) => entities.map(({ label, probability, begin, end }) => ({ label, probability, begin, end }));

describe("fillMask", () => {
  test("candidates, probabilities and texts are the pipeline's, alone and in a batch", async () => {
    const model = new RecordedTokens("masked");
    for (const { text, candidates } of pipelines.fill_mask) expect(await fillMask(model, text, { topK: 4 })).toEqual(close(candidates));
    const all = await fillMask(
      model,
      pipelines.fill_mask.map(({ text }) => text),
      { topK: 4, batchSize: 2 },
    );
    expect(all).toEqual(pipelines.fill_mask.map(({ candidates }) => close(candidates)));
  });

  test("a text must have one mask", async () => {
    const model = new RecordedTokens("masked");
    await expect(fillMask(model, "no mask here")).rejects.toThrow('fillMask: a text must have one [MASK], but "no mask here" has 0');
    await expect(fillMask(model, "[MASK] and [MASK]")).rejects.toThrow("has 2");
  });
});

describe("classifyText", () => {
  for (const [i, labels, problemType] of [
    [0, ["good", "bad", "ugly"], undefined],
    [1, ["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"], "multi_label_classification"],
  ] as const) {
    test(`${problemType ?? "one label"}: classes and probabilities are the pipeline's, of texts and pairs`, async () => {
      const { model: name, rows } = pipelines.classify[i] ?? { model: "", rows: [] };
      const model = new RecordedTexts(name, labels, problemType);
      const results = await classifyText(
        model,
        rows.map(({ text }) => text),
      );
      expect(results.map((classes) => classes.map(({ label, probability }) => ({ label, probability })))).toEqual(
        rows.map(({ classes }) => close(classes)),
      );
      expect(results.flat().every(({ id, label }) => labels[id] === label)).toBe(true);
      const [first] = await classifyText(model, "I", { topK: 1 });
      expect(first).toEqual(results[rows.findIndex(({ text }) => text === "I")]?.[0]);
    });
  }

  test("a regression's quantities stay as they are", async () => {
    const labels = ["good", "bad", "ugly"];
    const logits = new RecordedTexts("single", labels, "regression");
    const softmax = new RecordedTexts("single", labels);
    const [quantities, shares] = [await classifyText(logits, "I"), await classifyText(softmax, "I")];
    const exponentials = quantities.map(({ probability }) => Math.exp(probability));
    const sum = exponentials.reduce((a, b) => a + b);
    expect(quantities.map(({ id }) => id)).toEqual(shares.map(({ id }) => id));
    for (const [i, { probability }] of shares.entries()) expect((exponentials[i] ?? 0) / sum).toBeCloseTo(probability, 6);
  });
});

describe("tagTokens", () => {
  for (const aggregation of ["none", "simple", "first", "average", "max"] as const) {
    test(`${aggregation}: labels, places and probabilities are the pipeline's`, async () => {
      const model = new RecordedTokens("tokens", tags);
      const rows = pipelines.tag.filter((row) => row.aggregation === aggregation);
      const results = await tagTokens(
        model,
        rows.map(({ text }) => text),
        { aggregation, batchSize: 3 },
      );
      for (const [i, { text, entities }] of rows.entries()) {
        expect(placed(results[i] ?? [])).toEqual(close(entities));
        for (const { text: said, begin, end } of results[i] ?? []) expect(said).toBe(text.slice(begin, end));
      }
    });
  }

  test("a long text in windows, without counting what they share twice", async () => {
    const { text, stride, entities } = pipelines.tag_windows;
    const model = new RecordedTokens("tokens", tags);
    expect(placed(await tagTokens(model, text, { stride }))).toEqual(close(entities));
    await expect(tagTokens(model, text)).rejects.toThrow(/tokens long, but at most 64 are allowed/);
  });
});

describe("answer", () => {
  test("answers, places and probabilities are the pipeline's", async () => {
    const model = new RecordedAnswers("answer");
    for (const { question, context, options, answers } of pipelines.answer) {
      const found = await answer(
        model,
        { question, context },
        {
          ...(options.top_k !== undefined && { topK: options.top_k }),
          ...(options.max_answer_len !== undefined && { maxAnswerLength: options.max_answer_len }),
          ...(options.handle_impossible_answer !== undefined && { allowNoAnswer: options.handle_impossible_answer }),
        },
      );
      expect(found).toEqual(close(answers));
    }
  });

  test("many questions at once", async () => {
    const rows = pipelines.answer.filter(({ options }) => Object.keys(options).length === 0);
    expect(await answer(new RecordedAnswers("answer"), rows)).toEqual(rows.map(({ answers }) => close(answers)));
  });

  test("a long context in windows", async () => {
    const { question, context, length, answers } = pipelines.answer_windows;
    const model = new RecordedAnswers("answer");
    expect(await answer(model, { question, context }, { topK: 6, maxLength: length, stride: 0 })).toEqual(close(answers));
    expect(model.lengths.length).toBeGreaterThan(0);
  });

  test("no answer, where the model says so", async () => {
    const sure = {
      tokenizer,
      forward: ({ inputIds }: TextInput) => {
        const logits = (): Tensor =>
          tensor(
            Float32Array.from(inputIds.data, (id) => (id === tokenizer.special.cls ? 9 : 0)),
            [...inputIds.shape],
          );
        return { startLogits: logits(), endLogits: logits() };
      },
    };
    const [first, second] = await answer(sure, { question: "who", context: "the whale" }, { allowNoAnswer: true, topK: 2 });
    expect(first).toMatchObject({ text: "", begin: 0, end: 0 });
    expect(first?.probability).toBeGreaterThan(0.99);
    expect(second?.text).not.toBe("");
    expect((await answer(sure, { question: "who", context: "the whale" }))[0].text).not.toBe("");
    expect(await answer(sure, { question: "who", context: " " }), "of nothing, nothing").toMatchObject([{ text: "", begin: 0, end: 0 }]);
    await expect(answer(sure, "who" as never)).rejects.toThrow('answer: a question is { question, context }, both texts, but "who" came');
  });
});

describe("embedText", () => {
  /** A text's embedding: how many tokens it has, and the id of its second. */
  const counting = {
    encodeTexts: (inputIds: Tensor<"int32">, attentionMask: Tensor<"int32">): Tensor => {
      const [batch = 0, length = 0] = inputIds.shape;
      const rows = Array.from({ length: batch }, (_, i) => {
        const count = attentionMask.data.subarray(i * length, (i + 1) * length).reduce((sum, one) => sum + one, 0);
        return [count, inputIds.data[i * length + 1] ?? 0];
      });
      return tensor(rows);
    },
  };

  test("one text, or a list in its order, as plain arrays", async () => {
    const before = liveBytes();
    const model = { ...counting, tokenizer };
    const whale = tokenizer.tokenToId("whale") ?? 0;
    expect(await embedText(model, "whale")).toEqual(Float32Array.of(3, whale));
    const many = await embedText(model, ["whale", "the whale", "whale ship boat", "sea"], { batchSize: 2 });
    expect(many.map((embedding) => embedding[0])).toEqual([3, 4, 5, 3]);
    expect(await embedText(model, [])).toEqual([]);
    expect(liveBytes()).toBe(before);
  });

  test("a long text is cut only when that is asked for", async () => {
    const model = { ...counting, tokenizer };
    await expect(embedText(model, "whale ship boat", { maxLength: 4 })).rejects.toThrow(/5 tokens long, but at most 4/);
    expect((await embedText(model, "whale ship boat", { maxLength: 4, truncation: "longestFirst" }))[0]).toBe(4);
    expect((await embedText({ ...model, maxLength: 4 }, "whale ship boat", { truncation: "longestFirst" }))[0]).toBe(4);
  });
});

describe("BERT's models fit the tasks, and a text's result does not depend on the others in its batch", () => {
  const texts = ["Call me [MASK].", "The [MASK] fox, who jumped over the lazy dog, is quick.", "[MASK]"];
  const tiny = {
    hiddenSize: 24,
    numHiddenLayers: 2,
    numAttentionHeads: 3,
    intermediateSize: 40,
    initializerRange: 0.3,
    maxPositionEmbeddings: 64,
  };
  const config = () => ({ ...tiny, vocabSize: tokenizer.vocabSize });
  const sameAlone = async <R extends { readonly probability: number }>(run: (list: readonly string[]) => Promise<R[][]>): Promise<void> => {
    const together = await run(texts);
    for (const [i, text] of texts.entries()) expect(await run([text])).toEqual([close(together[i] ?? [])]);
    expect(together.every((found) => found.length > 0)).toBe(true);
  };

  test("fillMask, classifyText, tagTokens, answer", async () => {
    const [words, classes, tokens, answers] = await Promise.all([
      BertForMaskedLM.fromConfig(config()),
      BertForSequenceClassification.fromConfig(config()),
      BertForTokenClassification.fromConfig({ ...config(), id2label: Object.fromEntries(tags.entries()) }),
      BertForQuestionAnswering.fromConfig(config()),
    ]);
    const models = [words, classes, tokens, answers];
    for (const model of models) model.tokenizer = tokenizer;
    await sameAlone((list) => fillMask(words, list));
    await sameAlone((list) => classifyText(classes, list));
    await sameAlone((list) => tagTokens(tokens, list, { ignoreLabels: [] }));
    await sameAlone((list) =>
      answer(
        answers,
        list.map((context) => ({ question: "who?", context })),
      ),
    );
    for (const model of models) model.dispose();
  });
});

describe("every task", () => {
  test("reports its progress, frees what it made, puts texts of like length together, and keeps their order", async () => {
    const before = liveBytes();
    const model = new RecordedTokens("tokens", tags);
    const texts = pipelines.tag.filter(({ aggregation }) => aggregation === "none").map(({ text }) => text);
    const progress: [number, number][] = [];
    await tagTokens(model, texts, { batchSize: 3, onProgress: ({ done, total }) => progress.push([done, total]) });
    expect(progress).toEqual([
      [3, 8],
      [6, 8],
      [8, 8],
    ]);
    expect(model.lengths).toEqual([...model.lengths].sort((a, b) => b - a));
    await answer(new RecordedAnswers("answer"), pipelines.answer.slice(0, 1));
    expect(liveBytes()).toBe(before);
  });

  test("stops when told, also between batches", async () => {
    const model = new RecordedTokens("tokens", tags);
    await expect(tagTokens(model, "I", { signal: AbortSignal.abort(new Error("stop")) })).rejects.toThrow("stop");
    const controller = new AbortController();
    const texts = pipelines.tag.slice(0, 4).map(({ text }) => text);
    const running = tagTokens(model, texts, {
      batchSize: 1,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(running).rejects.toThrow("enough");
    expect(model.lengths).toHaveLength(1);
  });

  test("a model that padding changes gets texts of one length only", async () => {
    const model = Object.assign(new RecordedTokens("tokens", tags), { padsMatter: true });
    const texts = pipelines.tag.filter(({ aggregation }) => aggregation === "none").map(({ text }) => text);
    await tagTokens(model, [...texts, ...texts]);
    expect(new Set(model.lengths).size).toBe(model.lengths.length);
    expect(model.lengths).toHaveLength(new Set(texts.map((text) => tokenizer.encode(text).ids.length)).size);
  });

  test("no texts, no results; no tokenizer, an error that says what to do", async () => {
    expect(await tagTokens(new RecordedTokens("tokens", tags), [])).toEqual([]);
    const bare = { tokenizer: undefined, config: { id2label: {} }, forward: (): Tensor => tensor([0]) };
    await expect(tagTokens(bare, "I")).rejects.toThrow(/tagTokens: this model has no tokenizer; set `model.tokenizer`/);
  });
});
