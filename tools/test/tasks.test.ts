/** A task that is handed something else than a model that can do it says so in one line: JavaScript has no types to say it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { zeroShot } from "../../packages/clip/src/index.ts";
import { init, Linear, liveBytes, shutdown, XError } from "../../packages/layers/src/index.ts";
import {
  answer,
  Bert,
  classifyText,
  embedText,
  fillMask,
  generate,
  tagTokens,
  translate,
  translateStream,
} from "../../packages/models-nlp/src/index.ts";
import { attentionMap, classify, embedImage, MAE, reconstruct, ViT } from "../../packages/models-vision/src/index.ts";

const bytes = new Uint8Array(1);
const small = { hiddenSize: 4, numHiddenLayers: 1, numAttentionHeads: 1, intermediateSize: 4 };

/** Every task, with what it needs and all its other arguments. */
const tasks: readonly [task: (...values: never[]) => unknown, such: string, ...others: unknown[]][] = [
  [classify, "ViT, Swin or MLPMixer", bytes],
  [embedImage, "ViT, Swin or CLIP", bytes],
  [attentionMap, "ViT", bytes],
  [reconstruct, "MAE", bytes, bytes],
  [embedText, "SentenceEncoder or CLIP", "text"],
  [classifyText, "BertForSequenceClassification", "text"],
  [fillMask, "BertForMaskedLM", "a [MASK]"],
  [tagTokens, "BertForTokenClassification", "text"],
  [answer, "BertForQuestionAnswering", { question: "q", context: "c" }],
  [translate, "Marian", "text"],
  [generate, "Marian or Transformer", {}],
  [zeroShot, "CLIP or SigLIP", ["cat"]],
];

let linear: Linear;
let bert: Bert;

beforeAll(async () => {
  await init();
  linear = new Linear(1, 1);
  bert = await Bert.fromConfig({ ...small, vocabSize: 8 });
});

afterAll(() => {
  linear.dispose();
  bert.dispose();
  expect(liveBytes()).toBe(0);
  shutdown();
});

const problemOf = async (task: unknown, values: readonly unknown[]): Promise<unknown> => {
  try {
    await Reflect.apply(task as () => unknown, undefined, values);
  } catch (error) {
    return error;
  }
  return undefined;
};

test.each(tasks.map(([task, such, ...others]) => ({ name: task.name, task, such, others })))(
  "$name says what it needs",
  async ({ name, task, such, others }) => {
    for (const [model, came] of [
      [new Promise(() => {}), "a promise (is an await missing?) came"],
      [ViT, "the class ViT came"],
      [linear, "a Linear came"],
      [undefined, "undefined came"],
      ["google/vit-base-patch16-224", '"google/vit-base-patch16-224" came'],
    ]) {
      const error = await problemOf(task, [model, ...others]);
      expect(error).toBeInstanceOf(XError);
      expect(error).toMatchObject({ message: `${name}: the model must be one such as ${such}, but ${String(came)}` });
    }
  },
);

test("a model of another kind is told, too", async () => {
  expect(await problemOf(embedText, [bert, "text"])).toMatchObject({
    message: "embedText: the model must be one such as SentenceEncoder or CLIP, but a Bert came",
  });
  using mae = await MAE.fromConfig({
    ...small,
    imageSize: 4,
    patchSize: 2,
    decoderHiddenSize: 4,
    decoderNumHiddenLayers: 1,
    decoderNumAttentionHeads: 1,
    decoderIntermediateSize: 4,
  });
  expect(await problemOf(classify, [mae, bytes])).toMatchObject({ message: expect.stringContaining("but a MAE came") });
  const pieces = translateStream(bert as never, "text");
  await expect(pieces.next()).rejects.toThrow("translate: the model must be one such as Marian, but a Bert came");
});
