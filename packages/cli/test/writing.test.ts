/** Commands that write: pictures, indices, checkpoints. */
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeImage } from "@x/models-vision";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packages, writeModels } from "./models.ts";
import { records, x } from "./x.ts";

const goldens = join(packages, "models-vision/golden");
const sky = join(goldens, "classify/sky.jpg");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "x-writing-"));
  await writeModels(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const model = (name: string): string[] => ["--model", join(folder, name)];
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe("attention", () => {
  test("of a picture: the map, which a PNG shows beside it", async () => {
    const found = await x(["attention", "--model", join(goldens, "classify/vit"), "--json", "-o", join(folder, "drawn"), sky]);
    const [record] = records(found) as [{ file: string; picture: string; map: number[][] }];
    expect(record).toMatchObject({ file: sky, picture: join(folder, "drawn", "sky-attention.png") });
    const [rows, columns] = [record.map.length, record.map[0]?.length ?? 0];
    expect(rows).toBe(columns);
    expect(sum(record.map.flat())).toBeGreaterThan(0);
    expect(sum(record.map.flat())).toBeLessThanOrEqual(1.0001);
    const { width, height } = await decodeImage(await readFile(record.picture));
    expect(width).toBe(2 * height + 4);
  });

  test("of a text: a row for each token, which an SVG shows; special characters are escaped", async () => {
    const found = await x(["attention", ...model("embed"), "--json", "--head", "2", "-o", folder, "the <whale>"]);
    const [record] = records(found) as [{ picture: string; tokens: string[]; attention: number[][] }];
    expect(record.tokens).toContain("whale");
    for (const row of record.attention) expect(sum(row)).toBeCloseTo(1, 5);
    const svg = await readFile(record.picture, "utf8");
    expect(svg.match(/<rect x=/g)).toHaveLength(record.tokens.length ** 2);
    expect(svg).toContain("layer 1 of 1, head 2 of 2");
    expect(svg.replaceAll(/<\/?(svg|text|rect|g|title)\b[^<>]*>/g, "")).not.toMatch(/[<>]/);
  });

  test("layers and heads that aren't there, and models that look nowhere", async () => {
    const [layer, head, ofPicture, mixer] = await Promise.all([
      x(["attention", ...model("embed"), "--layer", "3", "the whale"]),
      x(["attention", ...model("embed"), "--head", "3", "the whale"]),
      x(["attention", "--model", join(goldens, "classify/vit"), "--layer", "1", "-o", folder, sky]),
      x(["attention", "--model", join(goldens, "classify/mixer"), sky]),
    ]);
    expect([layer.err, layer.code]).toEqual(["x: --layer 3: there are 1 with attention\n", 2]);
    expect([head.err, head.code]).toEqual(["x: --head 3: there are 2\n", 2]);
    expect([ofPicture.err, ofPicture.code]).toEqual([
      "x: --layer and --head are for texts; in pictures all layers and heads count together\n",
      2,
    ]);
    expect([mixer.err, mixer.code]).toEqual(["x: attention: the model is a ViT or a relative of it, but it is a MLPMixer\n", 1]);
  });
});

test("reconstruct: what was seen, completed, and the picture, side by side; the same for the same seed", async () => {
  const words = ["reconstruct", "--model", join(goldens, "mae_fixture"), "--json", "--mask-ratio", "0.5"];
  const [one, again, other] = [join(folder, "1"), join(folder, "2"), join(folder, "3")];
  const ended = await Promise.all([
    x([...words, "-o", one, sky]),
    x([...words, "-o", again, sky]),
    x([...words, "--seed", "2", "-o", other, sky]),
  ]);
  expect(records(ended[0])).toEqual([{ file: sky, maskRatio: 0.5, picture: join(one, "sky-reconstructed.png") }]);
  const [first, same, another] = await Promise.all([one, again, other].map((place) => readFile(join(place, "sky-reconstructed.png"))));
  expect(first).toEqual(same);
  expect(first).not.toEqual(another);
  const { width, height } = await decodeImage(first ?? "");
  expect(width).toBe(3 * height + 8);
});

describe("search", () => {
  test("what was added is found again, in another process; more can be added", async () => {
    const words = ["search", ...model("embed"), "--json", "--index", join(folder, "notes.safetensors")];
    const added = await x([...words, "--add"], { stdin: "the whale\nthe old ship\n" });
    expect(records(added)).toEqual([
      { id: 0, text: "the whale" },
      { id: 1, text: "the old ship" },
    ]);
    expect(records(await x([...words, "--add", "a man"]))).toEqual([{ id: 2, text: "a man" }]);
    const found = await x([...words, "-k", "2", "the old ship"]);
    expect(records(found)).toEqual([
      {
        query: "the old ship",
        results: [
          { id: 1, score: expect.closeTo(1, 5), text: "the old ship" },
          { id: expect.any(Number), score: expect.any(Number), text: expect.any(String) },
        ],
      },
    ]);
  });

  test("pictures by words, where a model does both; an index that isn't there is told", async () => {
    const words = ["search", "--model", join(packages, "clip-emoji/model"), "--json", "--index", join(folder, "pictures.safetensors")];
    const none = await x([...words, "sky"]);
    expect([none.err, none.code]).toEqual([`x: ${join(folder, "pictures.safetensors")}: there is no such file; --add makes it\n`, 2]);
    await x([...words, "--add", sky]);
    expect(records(await x([...words, "sky"]))).toEqual([{ query: "sky", results: [{ id: 0, score: expect.any(Number), file: sky }] }]);
  });
});

describe("convert", () => {
  test("half the bytes, in shards, and the same model", async () => {
    const out = join(folder, "half");
    const ended = await x(["convert", ...model("embed"), "--json", "--dtype", "float16", "--shard-size", "6kB", "-o", out]);
    const files = records(ended) as { file: string; bytes: number }[];
    const weights = (list: readonly { file: string; bytes: number }[]): number =>
      sum(list.flatMap(({ file, bytes }) => (file.endsWith(".safetensors") ? bytes : [])));
    expect(files.filter(({ file }) => file.endsWith(".safetensors")).length).toBeGreaterThan(1);
    expect(weights(files)).toBeLessThan(0.75 * (await stat(join(folder, "embed/model.safetensors"))).size);
    const [before, after] = await Promise.all(
      ["embed", "half"].map(
        async (name) => (records(await x(["embed", ...model(name), "--json", "the whale"])) as [{ embedding: number[] }])[0],
      ),
    );
    for (const [i, value] of before?.embedding.entries() ?? []) expect(after?.embedding[i]).toBeCloseTo(value, 2);
  });

  test("an adapter is merged into the model that it is for", async () => {
    const [adapter, out] = [join(folder, "adapter"), join(folder, "merged")];
    await cp(join(goldens, "vit_lora"), adapter, { recursive: true });
    const config = JSON.parse(await readFile(join(adapter, "adapter_config.json"), "utf8")) as object;
    await writeFile(join(adapter, "adapter_config.json"), JSON.stringify({ ...config, base_model_name_or_path: join(goldens, "vit") }));
    expect(await x(["convert", "--model", adapter, "--json", "-o", out])).toMatchObject({ code: 0 });
    expect((await readdir(out)).sort()).toEqual(["config.json", "model.safetensors", "preprocessor_config.json"]);
    const [before, after] = await Promise.all([join(goldens, "vit"), out].map((place) => readFile(join(place, "model.safetensors"))));
    expect(after?.equals(before ?? Buffer.of())).toBe(false);
  });

  test("sizes that are none, and numbers that no file has, are refused", async () => {
    const size = await x(["convert", "--model", "a/b", "-o", folder, "--shard-size", "much"]);
    expect([size.err, size.code]).toEqual([
      "x: option '--shard-size <size>' argument 'much' is invalid. It must be a size such as 500MB or 2GB.\n",
      2,
    ]);
    const int8 = await x(["convert", "--model", "a/b", "-o", folder, "--dtype", "int8"]);
    expect([int8.err, int8.code]).toEqual([
      "x: option '--dtype <kind>' argument 'int8' is invalid. Allowed choices are float32, float16, bfloat16. int8 is for computing: give it to the command that runs the model.\n",
      2,
    ]);
  });
});
