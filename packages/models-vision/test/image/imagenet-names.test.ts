/** The names of ImageNet's classes against timm's: SHA-256 of each set's, joined by "|", and the five hundredth. */
import { createHash } from "node:crypto";
import { init } from "@x/layers";
import { inFolder } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { imageNetNames } from "../../src/image/imagenet-names.ts";
import { MLPMixer } from "../../src/index.ts";

beforeAll(() => init());

test.each([
  [1000, "ef0092afc78b955a3c1366e595164d5943c8332f47800ee0c93620a98b63b7a4", "cliff dwelling"],
  [11221, "55b60044139ea0b294b5ea2ac4be37a19e37ca3018fe317ab91d0f797d4850d8", "scarlet tanager, Piranga olivacea, redbird, firebird"],
  [11821, "09ade3f7168704c435764be0e529259aaa7e0ea85244deeffb8ae95aaef524da", "fairy bluebird, bluebird"],
  [21841, "5b06f3e4f12e3e708e9a6b5f9e299677c8beca6a4cf1b94ac1f1b78f143570f9", "spotted eagle ray, spotted ray, Aetobatus narinari"],
  [21842, "7db7867964e0464ebc37ebf3e4f6226b05ea1671c71bc718ed0c8a6b0aaaaed3", "cliff dwelling"],
  [21843, "03a44608e391b9df21d78db6cd199ca00cefc056d2a1e7bca19804869949ba78", "spotted eagle ray, spotted ray, Aetobatus narinari"],
])("%i classes", async (count, hash, five) => {
  const names = (await imageNetNames(count)) ?? [];
  expect([names.length, names[500]]).toEqual([count, five]);
  expect(createHash("sha256").update(names.join("|")).digest("hex")).toBe(hash);
});

test("another number of classes is no ImageNet's", async () => expect(await imageNetNames(10)).toBeUndefined());

test("a classifier of ImageNet-12k, whose files name no classes, has timm's names", async () => {
  await inFolder(async (folder) => {
    const small = { imageSize: 16, patchSize: 8, hiddenSize: 4, numHiddenLayers: 1, tokensMlpDim: 2, channelsMlpDim: 2 };
    using first = await MLPMixer.fromConfig({ ...small, numLabels: 11821 });
    await first.savePretrained(folder, {
      alongside: new Map([["config.json", '{ "architecture": "mixer_b16_224", "num_classes": 11821 }']]),
    });
    using named = await MLPMixer.fromPretrained(folder);
    expect(named.config.id2label[500]).toBe("fairy bluebird, bluebird");
  });
});
