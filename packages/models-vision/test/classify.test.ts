/** From files to labels, against PyTorch's on the same files: golden/classify, by tools/reference/classify.py. */
import { readFileSync } from "node:fs";
import { init, liveBytes, type XError } from "@x/layers";
import { beforeAll, expect, test } from "vitest";
import { type Classification, classify, embedImage, MLPMixer, Swin, ViT } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

const labels = ["stripes", "sky", "checks", "leaf", "night"];
type Probabilities = Readonly<Record<string, readonly number[]>>;
const probabilities = JSON.parse(readFileSync(`${goldenFolder("classify")}/probabilities.json`, "utf8")) as Readonly<
  Record<"vit" | "swin" | "mixer", Probabilities>
>;
const read = (file: string): Uint8Array => readFileSync(`${goldenFolder("classify")}/${file}`);

/** All classes with PyTorch's probabilities, the likeliest first. */
const expectedFrom = (values: readonly number[]): Classification[] =>
  values
    .map((probability, id) => ({ id, label: labels[id] ?? "", probability: expect.closeTo(probability, 4) as number, value: probability }))
    .sort((a, b) => b.value - a.value)
    .map(({ id, label, probability }) => ({ id, label, probability }));

beforeAll(() => init());

test("the golden pictures are of different classes", () => {
  for (const rows of Object.values(probabilities)) {
    const best = Object.values(rows).map((row) => labels[row.indexOf(Math.max(...row))]);
    expect(best).toEqual(labels);
  }
});

test.each([
  ["vit", (folder: string): Promise<ViT> => ViT.fromPretrained(folder)],
  ["swin", (folder: string): Promise<Swin> => Swin.fromPretrained(folder)],
  ["mixer", (folder: string): Promise<MLPMixer> => MLPMixer.fromPretrained(folder)],
] as const)("%s: a picture's classes and probabilities are PyTorch's, alone and in a batch", async (name, load) => {
  const before = liveBytes();
  {
    using model = await load(goldenFolder(`classify/${name}`));
    const files = Object.keys(probabilities[name]);
    const expected = Object.values(probabilities[name]).map(expectedFrom);
    for (const [i, file] of files.entries()) expect(await classify(model, read(file)), file).toEqual(expected[i]);
    expect(await classify(model, files.map(read), { batchSize: 2 })).toEqual(expected);
    expect(await classify(model, files.toReversed().map(read), { topK: 1 })).toEqual(expected.toReversed().map(([best]) => [best]));
  }
  expect(liveBytes()).toBe(before);
});

test("one bad picture doesn't stop the others where onError is there to be told", async () => {
  using model = await ViT.fromPretrained(goldenFolder("classify/vit"));
  const files = Object.keys(probabilities.vit).map(read);
  const [first, , third, ...rest] = await classify(model, files);
  await embedImage(model, files);
  const before = liveBytes();
  const noImage = new Uint8Array(20);
  const given = [files[0], noImage, files[2], "/no/such/picture.png", null, ...files.slice(3)] as Uint8Array[];
  const told: [number, string][] = [];
  const onError = (error: XError, index: number): void => void told.push([index, error.message]);
  for (const batchSize of [1, 3, 8]) {
    expect(await classify(model, given, { onError, batchSize })).toEqual([first, undefined, third, undefined, undefined, ...rest]);
    expect(told.splice(0)).toEqual([
      [1, expect.stringMatching(/^image 1 of 7: /)],
      [3, "image 3 of 7: /no/such/picture.png: there is no such file"],
      [4, expect.stringMatching(/^image 4 of 7: an image is a file's bytes, .*, but this is null$/)],
    ]);
  }
  expect(await embedImage(model, [noImage, noImage], { onError })).toEqual([undefined, undefined]);
  const vectors = await embedImage(model, [noImage, ...files.slice(0, 1)], { onError });
  expect(vectors.map((vector) => vector?.length)).toEqual([undefined, model.config.hiddenSize]);
  // Without it the first ends the call, what it throws ends the call, too, and an abort isn't an item's error.
  await expect(classify(model, given)).rejects.toThrow(/^image 1 of 7: /);
  const stop = (): never => {
    throw new RangeError("stop");
  };
  await expect(classify(model, given, { onError: stop })).rejects.toThrow(RangeError);
  await expect(classify(model, given, { onError, signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  expect(liveBytes()).toBe(before);
});

test("pixels that are decoded already give the same", async () => {
  using model = await ViT.fromPretrained(goldenFolder("classify/vit"));
  const bmp = read("checks.bmp"); // 40 × 27, blue green red from the bottom up
  const data = Uint8Array.from({ length: 3 * 40 * 27 }, (_, i) => {
    const [row, column, channel] = [Math.floor(i / 120), Math.floor((i % 120) / 3), i % 3];
    return bmp[54 + (26 - row) * 120 + column * 3 + 2 - channel] ?? 0;
  });
  expect(await classify(model, { width: 40, height: 27, data })).toEqual(await classify(model, bmp));
});
