/** What the language models' families say of them on the hub. What every model has to pass is in apps/everywhere/test/pretrained.test.ts. */
import { readFile } from "node:fs/promises";
import { CheckpointError, LoRA, Rng } from "@x/layers";
import { expect, test } from "vitest";
import { countParameters } from "@x/testing";
import { BertForMaskedLM, Marian, marianPreset } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

// Hugging Face's MarianMTModel of these sizes with 1 000 tokens, without its table of positions.
test.each([
  ["opus-mt", 44_650_496],
  ["opus-mt-tc-big", 177_381_376],
])("%s has as many parameters as Hugging Face's", async (name, count) => {
  const config = { ...marianPreset(name), vocabSize: 1000, padTokenId: 999, decoderStartTokenId: 999 };
  expect(await countParameters(() => new Marian(config, new Rng(0)))).toBe(count);
  expect(() => marianPreset("opus")).toThrow('marianPreset: expected one of opus-mt, opus-mt-tc-big, but found "opus"');
});

test("an adapter of Marian has the names that PEFT has for MarianMTModel", async () => {
  using marian = await Marian.fromPretrained(goldenFolder("marian"));
  using lora = LoRA.attach(marian, { targetModules: ["q_proj"] });
  expect([...lora.namedParameters().keys()][0]).toBe("model.encoder.layers.0.self_attn.q_proj.lora_A.weight");
});

test("labels for a class whose head has no classes are an error", async () => {
  const loading = BertForMaskedLM.fromPretrained(goldenFolder("bert_masked_lm"), { labels: ["a"] });
  await expect(loading).rejects.toThrow("`labels` name the classes of a head, but this model has none");
});

test("a setting of another kind is refused by name, as a fault of the file", async () => {
  const files = new Map([
    ["config.json", new TextEncoder().encode('{"model_type": "bert", "hidden_size": "24"}')],
    ["model.safetensors", new Uint8Array(await readFile(`${goldenFolder("bert")}/model.safetensors`))],
  ]);
  const loading = BertForMaskedLM.fromPretrained(files);
  await expect(loading).rejects.toThrow(CheckpointError);
  await expect(loading).rejects.toThrow('config.json: hidden_size can\'t be followed (expected a whole number from 1 on, found "24")');
});
