/** What the vision models' families say of them on the hub. What every model has to pass is in apps/everywhere/test/pretrained.test.ts. */
import { readFile } from "node:fs/promises";
import { Rng } from "@x/layers";
import { expect, test } from "vitest";
import { countParameters, inFolder } from "@x/testing";
import { MAE, maePreset, Swin, SwinV2, ViT } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";
import { tinySwin } from "./models.ts";

const tiny = { imageSize: 8, patchSize: 4, hiddenSize: 24, numHiddenLayers: 1, numAttentionHeads: 3, intermediateSize: 48 };

test("classes without names are named as Hugging Face's library names them, so that it builds the head", () =>
  inFolder(async (folder) => {
    using vit = await ViT.fromConfig({ ...tiny, numLabels: 3 });
    await vit.savePretrained(folder);
    const saved = JSON.parse(await readFile(`${folder}/config.json`, "utf8"));
    expect(saved.id2label).toEqual({ 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" });
  }));

test("names without a number make as many classes", async () => {
  using swin = await Swin.fromConfig({ ...tinySwin, numLabels: undefined, id2label: { 0: "cat", 1: "dog" } });
  expect(swin.head?.weight.shape[0]).toBe(2);
});

test.each([
  ["ViT-B/16", 111_907_840],
  ["ViT-L/16", 329_541_888],
  ["ViT-H/14", 657_074_508],
])("maePreset %s has the published number of parameters", async (name, count) => {
  expect(await countParameters(() => new MAE(maePreset(name), new Rng(0)))).toBe(count);
  expect(() => maePreset("MAE-B")).toThrow("expected a name like");
});

test.each([
  ["dinov2", ViT, '"layerscale_value": 1.0'],
  ["swin_v2", SwinV2, '"mlp_ratio": 4.0'],
] as const)("%s: what Hugging Face's library wants as a float is written as one", (name, Kind, line) =>
  inFolder(async (folder) => {
    using model = await (Kind as typeof ViT).fromPretrained(goldenFolder(name));
    await model.savePretrained(folder);
    expect(await readFile(`${folder}/config.json`, "utf8")).toContain(line);
  }),
);
