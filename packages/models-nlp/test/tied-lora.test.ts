/**
 * `modulesToSave` with a matrix that is another layer's, too. PEFT trains a copy for each module asked for and leaves the other layers as they were, which one
 * matrix can't be. Which models have such a one, their numbers tell: of all golden folders.
 */
import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckpointError, init, intTensor, LoRA, noGrad, type Parameter, Tensor } from "@x/layers";
import { checkForLeaks, inFolder } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { load, textFamilies } from "../src/auto/index.ts";
import { BertForMaskedLM } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

beforeAll(() => init());
checkForLeaks();

type Model = Awaited<ReturnType<typeof load>>;
type Reader = { readonly [method in "forward" | "encode"]?: (...texts: object[]) => Tensor | Readonly<Record<string, Tensor>> };

/** The tables that words are looked up in. */
const tablesOf = (model: Model): [path: string, table: Parameter][] =>
  [...model.namedParameters()].filter(([path]) => /(wordEmbeddings|(en|de)coderEmbedding)\.weight$/.test(path));

/** Of a text of a few ids. */
const numbersOf = (model: Model): string =>
  noGrad(() => {
    const text = { inputIds: intTensor([6, 7, 8, 9, 6, 7, 8, 9, 6], [1, 9]) };
    const reader = model as unknown as Reader;
    const outputs = reader.forward?.(text, ...("decoderEmbedding" in model ? [text] : [])) ?? reader.encode?.(text) ?? {};
    const tensors = outputs instanceof Tensor ? [outputs] : Object.values(outputs);
    return tensors.map((tensor) => tensor.toTypedArray().join()).join();
  });

/** Whether a table is an output layer: then the outputs follow a row that no token of the text looks up. */
function isOutput(model: Model, table: Parameter): boolean {
  const before = numbersOf(model);
  const width = table.shape[1] ?? 0;
  const row = table.toTypedArray().slice(5 * width, 6 * width);
  table.data.fill(9, 5 * width, 6 * width);
  const after = numbersOf(model);
  table.data.set(row, 5 * width);
  return before !== after;
}

const hasModel = (name: string): boolean =>
  ["config.json", "model.safetensors"].every((file) => existsSync(join(goldenFolder(name), file)));
const folders = ["", "untied/"].flatMap((under) => readdirSync(goldenFolder(under || ".")).map((name) => under + name)).filter(hasModel);
const refused = new Set<string>();

test.each(folders)("%s: a table of words is trained whole unless it is the output layer", async (folder) => {
  using model = await load(goldenFolder(folder));
  const tables = tablesOf(model);
  const shared = "decoderEmbedding" in model && tables.length === 1;
  for (const [path, table] of tables) {
    const module = path.replace(/\.weight$/, "");
    const attach = (): LoRA => LoRA.attach(model, { targetModules: "all-linear", modulesToSave: [module] });
    if (shared || isOutput(model, table)) {
      expect(attach).toThrow(`LoRA: "${module}" of modulesToSave can't be trained whole: ${path} is one matrix for several layers`);
      refused.add(model.constructor.name);
    } else attach().detach();
  }
});

test("that was every family with a tied output layer", async () => {
  const heads = await Promise.all(Object.values(textFamilies.families).map((family) => family()));
  const named = heads.flatMap((kinds) => Object.values(kinds as Record<string, { name: string; family: { ties?: readonly unknown[] } }>));
  const tied = named.filter(({ name, family }) => (family.ties ?? []).length > 0 && !/Encoder$|ColBERT/.test(name));
  const families = [...new Set(tied.map(({ family }) => family))];
  const unseen = families.filter((family) => !tied.some((Class) => Class.family === family && refused.has(Class.name)));
  expect(unseen.map((family) => tied.find((Class) => Class.family === family)?.name)).toEqual([]);
});

test.each([
  ["bert_masked_lm", ["word_embeddings", "embeddings", "bert", "decoder", "predictions", "cls"]],
  ["fnet_masked_lm", ["word_embeddings", "cls.predictions.decoder"]],
  ["roberta", ["word_embeddings", "lm_head"]],
  ["mpnet", ["lm_head.decoder"]],
  ["distilbert", ["vocab_projector"]],
  ["electra", ["generator_lm_head", "electra.embeddings"]],
  ["modernbert", ["tok_embeddings", "decoder"]],
  ["marian", ["shared", "embed_tokens", "lm_head", "decoder"]],
  ["marian_two_vocabularies", ["model.decoder.embed_tokens", "lm_head"]],
  ["m2m_100", ["shared", "model.encoder", "lm_head"]],
])("%s: whatever files call the modules that have it, %j", async (folder, modules) => {
  using model = await load(goldenFolder(folder));
  for (const module of modules)
    expect(() => LoRA.attach(model, { modulesToSave: [module] }), module).toThrow(
      `LoRA: "${module}" of modulesToSave can't be trained whole`,
    );
});

test("an adapter's file that has one is refused, too; what stands beside the matrix is trained", async () => {
  using model = await BertForMaskedLM.fromPretrained(goldenFolder("bert_masked_lm"));
  await inFolder(async (folder) => {
    using lora = LoRA.attach(model, { targetModules: ["query"], modulesToSave: ["transform"] });
    await lora.savePretrained(folder);
    lora.detach();
    using again = await LoRA.fromPretrained(model, folder);
    again.detach();
    const file = join(folder, "adapter_config.json");
    const said = JSON.parse(await readFile(file, "utf8")) as object;
    await writeFile(file, JSON.stringify({ ...said, modules_to_save: ["transform", "word_embeddings"] }));
    const refusal = LoRA.fromPretrained(model, folder);
    await expect(refusal).rejects.toThrow(CheckpointError);
    await expect(refusal).rejects.toThrow("embeddings.wordEmbeddings.weight is one matrix for several layers");
  });
});
