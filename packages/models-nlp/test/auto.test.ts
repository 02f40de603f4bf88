/** One call that finds the class: of every golden folder, of adapters, and of every class that there is. */
import { existsSync, readdirSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckpointError, init, LoRA, noGrad, Rng } from "@x/layers";
import { checkForLeaks, expectClose, inFolder, unfoundClasses } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { load, pipeline, textFamilies } from "../src/auto/index.ts";
import * as door from "../src/index.ts";
import { answer, BertForSequenceClassification, classifyText, embedText, fillMask, rank, tagTokens, Tokenizer } from "../src/index.ts";
import { goldenFolder, inputsOf, readGolden } from "./golden.ts";

beforeAll(() => init());
checkForLeaks();

test("every class is in the table", async () => {
  expect(await unfoundClasses(door, textFamilies)).toEqual(["BertEncoder"]); // BertModel without its pooler, which is Bert
});

test.each([
  ["bert", "BertForPreTraining"],
  ["bert_fixture", "BertForPreTraining"],
  ["bert_masked_lm", "BertForMaskedLM"],
  ["bert_next_sentence", "BertForNextSentencePrediction"],
  ["bert_question", "BertForQuestionAnswering"],
  ["bert_sequence", "BertForSequenceClassification"],
  ["bert_token", "BertForTokenClassification"],
  ["roberta", "RobertaForMaskedLM"],
  ["xlm_roberta_token", "RobertaForTokenClassification"],
  ["camembert_question", "RobertaForQuestionAnswering"],
  ["distilbert_sequence", "DistilBertForSequenceClassification"],
  ["mpnet", "MPNetForMaskedLM"],
  ["electra_pre_training", "ElectraForPreTraining"],
  ["rerank", "RobertaForSequenceClassification"],
  ["colbert", "ColBERT"],
  ["sentence_mpnet", "SentenceEncoder"],
  ["fnet_sequence", "FNetForSequenceClassification"],
  ["marian_trained", "Marian"],
  ["transformer", "Transformer"],
  ["torch_transformer_fixture", "EncoderDecoder"],
])("%s is a %s", async (folder, name) => {
  using model = await load(goldenFolder(folder));
  expect(model.constructor.name).toBe(name);
});

const folders = readdirSync(goldenFolder(".")).filter((name) =>
  ["config.json", "model.safetensors"].every((file) => existsSync(join(goldenFolder(name), file))),
);

test.each(folders)("%s: a class is found", async (folder) => {
  using model = await load(goldenFolder(folder));
  expect(model.numParameters).toBeGreaterThan(0);
});

test("a folder with modules.json is a SentenceEncoder, unless a task asks for another class", async () => {
  await inFolder(async (folder) => {
    {
      using made = await door.SentenceEncoder.fromConfig({ ...small, normalizes: true });
      await made.savePretrained(folder);
    }
    using model = await load(folder);
    expect(model).toBeInstanceOf(door.SentenceEncoder);
    await expect(load(folder, { task: "fill-mask" })).rejects.toThrow("it has nothing for predictions."); // BertForMaskedLM
    await expect(load(folder, { task: "text-classification" })).rejects.toThrow("it has nothing for pooler");
    using fresh = await load(folder, { task: "text-classification", labels: ["calm", "stormy"] });
    expect(fresh.unfilled).toContain("classifier.weight");
  });
});

const small = { vocabSize: 168, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8, maxPositionEmbeddings: 64 };

test.each([
  ["t5", { model_type: "t5" }, "model_type bert, fnet, roberta", "found model_type t5"],
  ["an object's own names", { model_type: "constructor" }, "model_type bert", "found model_type constructor"],
  [
    "another head",
    { model_type: "bert", architectures: ["BertForMultipleChoice"] },
    "Model, ForPreTraining, ForMaskedLM",
    "found ForMultipleChoice",
  ],
  ["nothing", {}, "model_type bert", "found no model_type, and entries"],
  ["timm's", { architecture: "resnet50" }, "model_type bert", "found architecture resnet50"],
])("%s: what is known is told", async (_, config, expected, found) => {
  await inFolder(async (folder) => {
    await copyFile(join(goldenFolder("bert"), "model.safetensors"), join(folder, "model.safetensors"));
    await writeFile(join(folder, "config.json"), JSON.stringify(config));
    const loading = load(folder);
    await expect(loading).rejects.toThrow(CheckpointError);
    await expect(loading).rejects.toThrow(expected);
    await expect(loading).rejects.toThrow(found);
  });
});

/** The golden adapter in a folder, for another base. */
async function adapterFor(base: unknown, use: (folder: string) => Promise<void>, more: object = {}): Promise<void> {
  await inFolder(async (folder) => {
    const config = JSON.parse(await readFile(join(goldenFolder("bert_lora"), "adapter_config.json"), "utf8")) as object;
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify({ ...config, base_model_name_or_path: base, ...more }));
    await copyFile(join(goldenFolder("bert_lora"), "adapter_model.safetensors"), join(folder, "adapter_model.safetensors"));
    await use(folder);
  });
}

test("an adapter's folder: its base, with the adapter merged into it", async () => {
  const golden = await readGolden("bert_sequence");
  await adapterFor(goldenFolder("bert_sequence"), async (folder) => {
    using expected = await BertForSequenceClassification.fromPretrained(goldenFolder("bert_sequence"));
    using lora = await LoRA.fromPretrained(expected, folder);
    expect(lora.enabled).toBe(true);
    const everyOption = {
      ignoreMismatched: false,
      strict: true,
      dtype: "float32",
      config: { hiddenDropoutProb: 0 },
      offline: true,
      rng: new Rng(1),
    } as const;
    using model = await load(folder, { task: "text-classification", onProgress: () => {}, ...everyOption });
    expect(model).toBeInstanceOf(BertForSequenceClassification);
    noGrad(() => {
      const logits = (model as BertForSequenceClassification).forward(inputsOf(golden));
      expectClose(logits.toTypedArray(), expected.forward(inputsOf(golden)).data);
    });
  });
});

test("an adapter with a head for a base that has none", async () => {
  await adapterFor(goldenFolder("bert"), async (folder) => {
    using model = await load(folder);
    expect(model).toBeInstanceOf(BertForSequenceClassification);
    expect(Object.values((model as BertForSequenceClassification).config.id2label)).toEqual(["LABEL_0", "LABEL_1", "LABEL_2"]);
    expect([...model.parameters()].every(({ requiresGrad }) => requiresGrad)).toBe(true);
  });
});

test("an adapter that names no base, or an address, is refused", async () => {
  for (const base of [null, "https://example.com/bert"]) {
    await adapterFor(base, (folder) => expect(load(folder)).rejects.toThrow("names no base model"));
  }
  await adapterFor(goldenFolder("bert"), (folder) => expect(load(folder)).rejects.toThrow("found ForCausalLM"), { task_type: "CAUSAL_LM" });
});

test("pipelines are the tasks' functions", async () => {
  const tokenizer = await Tokenizer.fromPretrained(goldenFolder("tasks/vocab.txt"));
  const saved = async (Class: typeof door.BertForMaskedLM, folder: string): Promise<void> => {
    using model = await Class.fromConfig(small);
    model.tokenizer = tokenizer;
    await model.savePretrained(folder);
  };
  const text = "the [MASK] is old .";
  const question = { question: "who ?", context: "the cat is old ." };
  await inFolder(async (folder) => {
    await saved(door.BertForMaskedLM, folder);
    using fill = await pipeline("fill-mask", folder);
    expect(await fill(text, { topK: 2 })).toEqual(await fillMask(fill.model, text, { topK: 2 }));
    expect(await fill([text, text])).toEqual(await fillMask(fill.model, [text, text]));
    using embed = await pipeline("feature-extraction", folder);
    expect(await embed("the cat")).toEqual(await embedText(embed.model, "the cat"));
  });
  await inFolder(async (folder) => {
    await saved(door.BertForSequenceClassification as never, folder);
    for (const task of ["text-classification", "sentiment-analysis"] as const) {
      using judge = await pipeline(task, folder);
      expect(await judge(["the cat"])).toEqual(await classifyText(judge.model, ["the cat"]));
    }
  });
  await inFolder(async (folder) => {
    await saved(door.BertForTokenClassification as never, folder);
    for (const task of ["token-classification", "ner"] as const) {
      using tag = await pipeline(task, folder);
      expect(await tag("the cat")).toEqual(await tagTokens(tag.model, "the cat"));
    }
  });
  await inFolder(async (folder) => {
    await saved(door.BertForQuestionAnswering as never, folder);
    using ask = await pipeline("question-answering", folder);
    expect(await ask(question)).toEqual(await answer(ask.model, question));
  });
  using order = await pipeline("text-ranking", goldenFolder("rerank"));
  expect(await order("cat", ["the cat", "a dog"], { topK: 1 })).toEqual(await rank(order.model, "cat", ["the cat", "a dog"], { topK: 1 }));
  await expect(pipeline("summarization" as never, "a/b")).rejects.toThrow(
    'pipeline: tasks are feature-extraction, fill-mask, ner, question-answering, sentiment-analysis, text-classification, text-ranking, token-classification, translation, but "summarization" came',
  );
});
