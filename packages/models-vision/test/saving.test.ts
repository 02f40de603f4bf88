/** What image models save, as the libraries that it is for read it: tools/reference/saved.py compares their outputs. */
import { readFile } from "node:fs/promises";
import { init, openCheckpoint } from "@x/layers";
import { inFolder } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { MLPMixer, mlpMixerPreset, Swin, ViT } from "../src/index.ts";

beforeAll(() => init());

const small = { imageSize: 32, patchSize: 8, hiddenSize: 16, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 32 };

interface Saved {
  readonly config: Readonly<Record<string, unknown>>;
  readonly keys: readonly string[];
}

async function saved(model: ViT | Swin | MLPMixer): Promise<Saved> {
  let found: Saved = { config: {}, keys: [] };
  await inFolder(async (folder) => {
    await model.savePretrained(folder);
    const config: Saved["config"] = JSON.parse(await readFile(`${folder}/config.json`, "utf8"));
    found = { config, keys: [...(await openCheckpoint(folder)).entries.keys()] };
  });
  model.dispose();
  return found;
}

test("labels that are told by their count have names in the file, from which Hugging Face's library takes the count", async () => {
  const labels = { 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" };
  expect((await saved(await ViT.fromConfig({ ...small, numLabels: 3 }))).config["id2label"]).toEqual(labels);
  const swin = { imageSize: 32, embedDim: 8, depths: [1, 1], numHeads: [1, 2], windowSize: 4, numLabels: 3 };
  expect((await saved(await Swin.fromConfig(swin))).config["id2label"]).toEqual(labels);
});

test("a mean-pooled ViT, which Hugging Face's library doesn't have, is saved as timm's", async () => {
  const { config, keys } = await saved(await ViT.fromConfig({ ...small, numLabels: 3, pooling: "mean" }));
  expect(config).toMatchObject({ architecture: "vit_base_patch16_224", model_args: { global_pool: "avg", fc_norm: true } });
  expect(keys).toContain("fc_norm.weight");
});

test("a Mixer of a published width and depth has timm's name; of another, all arguments of timm's class", async () => {
  const published = await saved(
    await MLPMixer.fromConfig({ ...mlpMixerPreset("Mixer-S/32"), imageSize: 64, tokensMlpDim: 7, numLabels: 3 }),
  );
  expect(published.config["architecture"]).toBe("mixer_s32_224");
  const own = await saved(
    await MLPMixer.fromConfig({
      imageSize: 32,
      patchSize: 8,
      hiddenSize: 16,
      numHiddenLayers: 1,
      tokensMlpDim: 9,
      channelsMlpDim: 29,
      numLabels: 3,
    }),
  );
  expect(own.config).not.toHaveProperty("architecture");
  const model_args = { img_size: 32, in_chans: 3, patch_size: 8, num_blocks: 1, embed_dim: 16, num_classes: 3 };
  expect(own.config).toMatchObject({ model_args });
  const [tokens, channels] = (own.config["model_args"] as { mlp_ratio: number[] }).mlp_ratio.map((ratio) => Math.trunc(16 * ratio));
  expect([tokens, channels]).toEqual([9, 29]);
});

test("a whole number where Hugging Face's library wants a fraction has a point", () =>
  inFolder(async (folder) => {
    using model = await ViT.fromConfig({ ...small, numLabels: 0, initializerRange: 1 });
    await model.savePretrained(folder);
    expect(await readFile(`${folder}/config.json`, "utf8")).toContain('"initializer_range": 1.0,');
  }));
