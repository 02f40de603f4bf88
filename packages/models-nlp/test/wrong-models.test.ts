/** Models of another class, and models whose outputs are no numbers, are refused by every task; what fails half-way leaves nothing. */
import { ArgumentError, intTensor, liveBytes, type Rng, TensorError, tensor, zeros } from "@x/layers";
import { checkForLeaks } from "@x/testing";
import { describe, expect, test } from "vitest";
import {
  answer,
  Bert,
  BertForMaskedLM,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  classifyText,
  embedText,
  fillMask,
  SentenceEncoder,
  tagTokens,
  Tokenizer,
} from "../src/index.ts";

const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const tokenizer = (): Tokenizer =>
  Tokenizer.fromJson(
    {
      added_tokens: special.map((content, id) => ({ id, content, special: true })),
      pre_tokenizer: { type: "WhitespaceSplit" },
      model: { type: "WordPiece", vocab: Object.fromEntries([...special, "a", "b"].map((word, id) => [word, id])), unk_token: "[UNK]" },
    },
    { mask_token: "[MASK]", cls_token: "[CLS]", sep_token: "[SEP]", pad_token: "[PAD]" },
  );
const size = { vocabSize: 7, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8, maxPositionEmbeddings: 16 };
const classes = {
  Bert,
  BertForMaskedLM,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  SentenceEncoder,
};
type Name = keyof typeof classes;
const tasks: Readonly<Record<string, readonly [right: Name, run: (model: never) => Promise<unknown>]>> = {
  classifyText: ["BertForSequenceClassification", (model) => classifyText(model, "a b")],
  fillMask: ["BertForMaskedLM", (model) => fillMask(model, "a [MASK]")],
  tagTokens: ["BertForTokenClassification", (model) => tagTokens(model, "a b", { ignoreLabels: [] })],
  answer: ["BertForQuestionAnswering", (model) => answer(model, { question: "a", context: "b a" })],
  embedText: ["SentenceEncoder", (model) => embedText(model, "a")],
};

async function made(name: Name): Promise<never> {
  const model = name === "SentenceEncoder" ? await SentenceEncoder.fromConfig(size) : await classes[name].fromConfig(size);
  Object.assign(model, { tokenizer: tokenizer() });
  return model as never;
}

describe.each(Object.entries(tasks))("%s", (task, [right, run]) => {
  test.each([...Object.keys(classes), "SentenceEncoder"] as Name[])("with a %s", async (name) => {
    using model = (await made(name)) as never as Disposable;
    if (name === right) await run(model as never);
    else {
      const running = run(model as never);
      await expect(running).rejects.toThrow(ArgumentError);
      await expect(running).rejects.toThrow(
        new RegExp(`^${task}: the model must be one such as ${right}.*, but an? ${name} came|an Object came`),
      );
    }
  });

  test("weights that are no numbers", async () => {
    using model = (await made(right)) as never as Bert;
    for (const parameter of model.parameters()) parameter.data.fill(Number.NaN);
    const running = run(model as never);
    await expect(running).rejects.toThrow(TensorError);
    await expect(running).rejects.toThrow("the model's outputs are no numbers (NaN)");
  });
});

describe("nothing is left behind", () => {
  checkForLeaks();

  test.each([1, 2, 5, 10])("by a fresh model whose draw %s fails", async (last) => {
    let draws = 0;
    const rng = { seed: 0, state: 0, nextStream: () => (draws++ === last ? fail() : draws) } as unknown as Rng;
    const before = liveBytes();
    await expect(Bert.fromConfig(size, { rng })).rejects.toThrow("no more draws");
    expect(liveBytes()).toBe(before);
  });
});

const fail = (): never => {
  throw new TensorError("no more draws");
};

test.each([1.5, 3e9, -3e9, Number.NaN, Infinity, 2 ** 31])("%s is no id, wherever it stands", (odd) => {
  for (const values of [odd, [1, odd], [[1], [odd]], new Float64Array([1, odd])])
    expect(() => intTensor(values)).toThrow(
      new RegExp(`^intTensor: values are whole numbers from −2³¹ to 2³¹ − 1, but number \\d is ${odd}`.replace("+", "\\+")),
    );
  expect(intTensor([-(2 ** 31), 2 ** 31 - 1, -0]).toArray()).toEqual([-(2 ** 31), 2 ** 31 - 1, 0]);
  expect(tensor([odd]).size).toBe(1);
});

test("a shape is a list", () => {
  for (const shape of [3, "3", null, undefined, {}]) expect(() => zeros(shape as never)).toThrow("a shape must be a list of lengths");
});
