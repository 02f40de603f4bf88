/**
 * Situations from public bug reports and published checkpoints, rebuilt tiny: tools/test/fixtures/cases has their files, and cases.json a line for each: the folder, the public reports, what is
 * called, and what transformers 5.24, timm 1.0.31, open_clip 3.3 and sentence-transformers 6.2 make of it. What several folders of a case share lies in its `common`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CLIP } from "../../packages/clip/src/index.ts";
import { init, intTensor, liveBytes, noGrad, type Tensor } from "../../packages/layers/src/index.ts";
import * as language from "../../packages/models-nlp/src/index.ts";
import { classify, decodeImage, MLPMixer, Swin, ViT } from "../../packages/models-vision/src/index.ts";

type Files = Map<string, Uint8Array<ArrayBuffer>>;
type Vectors = Readonly<Record<string, readonly number[]>>;

interface Case {
  readonly folder: string;
  /** Public reports, or what form of published checkpoints it has. */
  readonly about: string;
  readonly call: string;
  readonly class: string;
  readonly image?: string;
  readonly text?: string;
  readonly texts?: readonly (readonly [string, string])[];
  readonly stride?: number;
  readonly ids?: readonly number[] | readonly (readonly number[])[];
  readonly options?: language.ClassifyTextOptions;
  readonly expected: unknown;
}

const root = join(import.meta.dirname, "fixtures/cases");
const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(root, path)));
const cases = JSON.parse(readFileSync(join(root, "cases.json"), "utf8")) as readonly Case[];

/** A folder's files, and those that it shares with its neighbours. */
function filesOf(folder: string): Files {
  const [first = ""] = folder.split("/");
  const isThere = (name: string): boolean => readdirSync(join(root, first)).includes(name);
  const places = [
    ...(isThere("common") ? [join(root, first, "common")] : []),
    ...(folder === first || isThere(folder.split("/")[1] ?? "") ? [join(root, folder)] : []),
  ];
  const entries = places.flatMap((place) =>
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(place, path), new Uint8Array(readFileSync(path))] as const),
  );
  return new Map(entries);
}

const near = (found: ArrayLike<number>, expected: readonly number[], tolerance = 3e-5): void => {
  expect(found.length).toBe(expected.length);
  const furthest = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] ?? NaN))), 0);
  expect(furthest).toBeLessThan(tolerance);
};

type ImageModel = ViT | Swin | MLPMixer;
const imageModels: Readonly<Record<string, (files: Files) => Promise<ImageModel>>> = {
  ViT: (files) => ViT.fromPretrained(files),
  Swin: (files) => Swin.fromPretrained(files),
  MLPMixer: (files) => MLPMixer.fromPretrained(files),
};
const loadImageModel = async (name: string, files: Files): Promise<ImageModel> => (imageModels[name] ?? notThere)(files);
const notThere = (): never => {
  throw new Error("no such class");
};
const loadMasked = (name: string, files: Files): Promise<language.BertForMaskedLM | language.FNetForMaskedLM> =>
  name === "FNetForMaskedLM" ? language.FNetForMaskedLM.fromPretrained(files) : language.BertForMaskedLM.fromPretrained(files);

/** What is done with a case, by its `call`. */
const calls: Readonly<Record<string, (one: Case, files: Files) => Promise<void>>> = {
  async classify({ class: name, image = "", expected }, files) {
    using model = await loadImageModel(name, files);
    const found = await classify(model, read(image), { topK: 9 });
    expect(found.length).toBe(Object.keys(expected as object).length);
    for (const { label, probability } of found) expect(probability).toBeCloseTo((expected as Record<string, number>)[label] ?? NaN, 5);
  },
  async features({ class: name, image = "", expected }, files) {
    const { pixels, logits, tokens, vector, top } = expected as {
      readonly pixels: { readonly at: readonly number[]; readonly sample: readonly number[] };
      readonly top?: readonly { readonly label?: string; readonly p: number }[];
    } & Readonly<Record<"logits" | "tokens" | "vector", readonly number[] | undefined>>;
    using model = await loadImageModel(name, files);
    const given = await model.processor.process(read(image));
    near(pixels.at.map((i) => given.toTypedArray()[i] ?? NaN), pixels.sample); // prettier-ignore
    noGrad(() => {
      if (logits) near(model.forward(given).toTypedArray(), logits);
      if (tokens) near(model.encode(given).toTypedArray(), tokens);
      if (vector && model instanceof ViT) near(model.pool(model.encode(given)).toTypedArray(), vector);
    });
    given.dispose();
    const found = top ? await classify(model, read(image), { topK: top.length }) : [];
    for (const [i, { label, p }] of (top ?? []).entries()) {
      expect(found[i]?.probability).toBeCloseTo(p, 4);
      if (label !== undefined) expect(found[i]?.label).toBe(label);
    }
  },
  async forward({ image = "", expected }, files) {
    using model = await ViT.fromPretrained(files);
    using pixels = await model.processor.process(read(image));
    noGrad(() => near(model.forward(pixels).toTypedArray(), expected as number[]));
  },
  async process({ image = "", expected }, files) {
    using model = await CLIP.fromPretrained(files);
    using pixels = await model.processor.process(read(image));
    near(pixels.toTypedArray(), expected as number[]);
  },
  async clip({ image = "", ids = [], expected }, files) {
    using model = await CLIP.fromPretrained(files);
    using pixels = await model.processor.process(read(image));
    const rows = ids as readonly (readonly number[])[];
    noGrad(() => {
      const { imageEmbeddings, textEmbeddings } = model.forward(pixels, intTensor(rows.flat(), [rows.length, rows[0]?.length ?? 0]));
      near(imageEmbeddings.toTypedArray(), (expected as Vectors)["images"] ?? [], 1e-4);
      near(textEmbeddings.toTypedArray(), (expected as Vectors)["texts"] ?? [], 1e-4);
    });
  },
  async logits({ class: name, ids = [], expected }, files) {
    using model = await loadMasked(name, files);
    const width = (expected as number[]).length;
    noGrad(() => {
      const logits: Tensor = model.forward({ inputIds: intTensor(ids as number[], [1, ids.length]) });
      near(logits.toTypedArray().slice(2 * width, 3 * width), expected as number[]);
    });
  },
  async tagTokens({ text = "", stride, expected }, files) {
    using model = await language.BertForTokenClassification.fromPretrained(files);
    const found = await language.tagTokens(model, text, { stride });
    expect(found.map(({ label, begin, end }) => [label, begin, end])).toEqual((expected as unknown[][]).map((row) => row.slice(0, 3)));
  },
  async fillMask({ text = "", expected }, files) {
    using model = await language.BertForMaskedLM.fromPretrained(files);
    const found = await language.fillMask(model, text, { topK: 5 });
    expect(found.map(({ id }) => id)).toEqual((expected as number[][]).map(([id]) => id));
  },
  async fillMasks({ text = "", expected }, files) {
    using model = await language.BertForMaskedLM.fromPretrained(files);
    const found = await language.fillMasks(model, text, { topK: 5 });
    expect(found.map((list) => list.map(({ id }) => id))).toEqual((expected as number[][][]).map((list) => list.map(([id]) => id)));
  },
  async encode({ expected }, files) {
    const tokenizer = await language.Tokenizer.fromPretrained(files);
    for (const [text, ids] of Object.entries(expected as Vectors)) expect([text, tokenizer.encode(text).ids]).toEqual([text, ids]);
  },
  async embedText({ expected }, files) {
    using model = await language.SentenceEncoder.fromPretrained(files);
    for (const [text, vector] of Object.entries(expected as Vectors)) near(await language.embedText(model, text), vector);
  },
  async classifyText({ options, expected }, files) {
    using model = await language.BertForSequenceClassification.fromPretrained(files);
    for (const [text, probabilities] of Object.entries(expected as Vectors)) {
      const found = await language.classifyText(model, text, { ...options, topK: 9 });
      near(found.map(({ probability }) => probability).toSorted(), probabilities.toSorted()); // prettier-ignore
    }
  },
  async scores({ texts = [], expected }, files) {
    using model = await language.BertForSequenceClassification.fromPretrained(files);
    near(await language.scorePairs(model, texts), expected as number[]);
  },
  async unfilled({ expected }, files) {
    using model = await language.BertForSequenceClassification.fromPretrained(files);
    expect(model.unfilled).toEqual(expected);
  },
  async refusal({ class: name, expected }, files) {
    const load = name === "ViT" ? ViT.fromPretrained(files) : language.Tokenizer.fromPretrained(files);
    await expect(load).rejects.toThrow(String(expected));
  },
  async unreadable({ expected }, files) {
    for (const [name, format] of Object.entries(expected as Record<string, string>))
      await expect(decodeImage(files.get(name) ?? new Uint8Array())).rejects.toThrow(format);
  },
};

beforeAll(() => init());

describe.each(cases)("$folder: $about", (one) => {
  test(one.call, async () => {
    const before = liveBytes();
    await calls[one.call]?.(one, filesOf(one.folder));
    expect(liveBytes()).toBe(before);
  });
});

test("each call has a case", () => {
  expect(new Set(cases.map(({ call }) => call))).toEqual(new Set(Object.keys(calls)));
});
