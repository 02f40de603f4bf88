/** LoRA on the image models, against PEFT's own numbers and files: golden/vit_lora and golden/vit_dora, by tools/reference/lora.py. */
import { readFile } from "node:fs/promises";
import { crossEntropy, init, liveBytes, LoRA, noGrad, openCheckpoint, type Tensor } from "@x/layers";
import { encodeSafetensors } from "@x/layers/save";
import { expectPEFTAgrees, expectThereAndBack, readEntries } from "@x/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ViT } from "../src/index.ts";
import { goldenFolder, readGolden } from "./golden.ts";

const adapter = goldenFolder("vit_lora");
let bytes = 0;
beforeEach(async () => {
  await init();
  bytes = liveBytes();
});
afterEach(() => expect(liveBytes() - bytes, "bytes left behind").toBe(0));

async function viT() {
  const model = await ViT.fromPretrained(goldenFolder("vit"));
  const inputs = await readGolden("vit");
  const logits = (): Tensor => model.forward(inputs.tensor("pixel_values"));
  return { model, logits, loss: (): Tensor => crossEntropy(logits(), inputs.ids("labels")) };
}

test.each([
  ["every linear layer", "vit_lora"],
  ["a DoRA on the convolution that cuts patches and on linear layers", "vit_dora"],
])("%s, and a trained head: outputs, gradients and training are PEFT's", async (_, name) => {
  const { model, logits, loss } = await viT();
  const lora = await LoRA.fromPretrained(model, goldenFolder(name));
  const saved = { "classifier.weight": "head.weight", "classifier.bias": "head.bias" };
  expectPEFTAgrees({ model, lora, golden: await readGolden(name), logits, loss, saved });
  lora.detach();
  model.dispose();
});

test.each(["vit_lora", "vit_dora"])("what is saved has PEFT's names, and comes back: %s", async (name) => {
  const { model, logits } = await viT();
  const folder = goldenFolder(name);
  await expectThereAndBack(await LoRA.fromPretrained(model, folder), folder, (where) => LoRA.fromPretrained(model, where), logits);
  model.dispose();
});

test("an adapter from before transformers 5 does the same as one with today's names", async () => {
  const { model, logits } = await viT();
  const old = new Map<string, { shape: readonly number[]; view: () => Float32Array }>();
  for (const [key, { shape, values }] of await readEntries(await openCheckpoint(`${adapter}/adapter_model.safetensors`))) {
    const older = key
      .replace("vit.layers.", "vit.encoder.layer.")
      .replace(/attention\.(q|k|v)_proj/, (_, letter: string) => `attention.attention.${{ q: "query", k: "key", v: "value" }[letter]}`)
      .replace("attention.o_proj", "attention.output.dense")
      .replace("mlp.fc1", "intermediate.dense")
      .replace("mlp.fc2", "output.dense");
    old.set(older, { shape, view: () => values });
  }
  expect(old.has("base_model.model.vit.encoder.layer.1.attention.attention.query.lora_A.weight")).toBe(true);
  const config = JSON.parse(await readFile(`${adapter}/adapter_config.json`, "utf8"));
  const files = new Map([
    ["adapter_config.json", new TextEncoder().encode(JSON.stringify({ ...config, target_modules: ["query", "key", "value", "dense"] }))],
    ["adapter_model.safetensors", new Uint8Array(await encodeSafetensors(old).arrayBuffer())],
  ]);
  const result = (): Float32Array => noGrad(() => logits().toTypedArray());
  const [today, older] = [await LoRA.fromPretrained(model, adapter), result()];
  today.detach();
  const again = await LoRA.fromPretrained(model, files);
  expect(result()).toEqual(older);
  expect([...again.namedParameters().keys()][0]).toBe("vit.encoder.layer.0.attention.attention.query.lora_A.weight");
  again.detach();
  model.dispose();
});

test("targets go by the names of transformers, before and since 5, or timm's", async () => {
  using model = await ViT.fromConfig({
    hiddenSize: 8,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 8,
    imageSize: 8,
    patchSize: 4,
    numLabels: 2,
  });
  const targets = (...names: string[]): string[] => {
    using lora = LoRA.attach(model, { targetModules: names });
    return [...lora.namedParameters().keys()].filter((name) => name.includes("lora_A")).map((name) => name.replace(".lora_A.weight", ""));
  };
  expect(targets("q_proj", "v_proj")).toEqual(["vit.layers.0.attention.q_proj", "vit.layers.0.attention.v_proj"]);
  expect(targets("query")).toEqual(["vit.encoder.layer.0.attention.attention.query"]);
  expect(targets("attn.qkv", "head")).toEqual(["blocks.0.attn.qkv", "head"]);
  expect(targets("patch_embeddings.projection")).toEqual(["vit.embeddings.patch_embeddings.projection"]);
  expect(targets("mixer.qkv")).toEqual(["blocks.0.mixer.qkv"]);
  expect(() => targets("query", "nothing", "layernorm")).toThrow(
    'the model doesn\'t have "nothing", "layernorm"; the layers that can be adapted are called projection, q_proj, k_proj, v_proj, o_proj, fc1, fc2, classifier',
  );
});
