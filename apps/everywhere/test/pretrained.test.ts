/** What every model has to pass on its way from the hub and back, whatever it is. */
import { readdir, readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError, CheckpointError, init, intTensor, liveBytes, LoRA, mean, noGrad, scope, ShapeError, zeros } from "@x/layers";
import { SentenceEncoder } from "@x/models-nlp";
import { beforeAll, describe, expect, test } from "vitest";
import { families } from "../src/suite/families.ts";
import { family, type Files, type Subject } from "../src/suite/family.ts";
import { goldenIds, readGolden } from "../src/suite/golden.ts";

const packages = join(import.meta.dirname, "../../../packages");
const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await readFile(join(packages, path)));
const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

const sentenceEncoder = family("SentenceEncoder", SentenceEncoder, "models-nlp/golden/bert", (model, numbers) => {
  const [inputIds, attentionMask] = [goldenIds(numbers, "input_ids"), goldenIds(numbers, "attention_mask")];
  const vectors = model.forward({ inputIds, attentionMask });
  return { vectors, loss: mean(mean(vectors, 1), 0) };
});

const models = [...families, sentenceEncoder].filter(({ golden }) => golden !== undefined);

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pretrained-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The files in a folder and below. */
async function filesIn(folder: string): Promise<Files> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const entries = names.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), new Uint8Array(await readFile(path))] as const;
  });
  return new Map(await Promise.all(entries));
}

/** A property that every model of some families has. */
const property = (model: object, name: string): unknown => Reflect.get(model, name);

beforeAll(async () => void (await init()));

describe.each(models)("$name", ({ golden = "", hasHead, load }) => {
  const filesWith = async (more: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {}): Promise<Files> =>
    new Map([
      ["config.json", await read(`${golden}/config.json`)],
      ["model.safetensors", await read(`${golden}/model.safetensors`)],
      ...Object.entries(more),
    ]);
  const outputsOf = async ({ forward }: Subject): Promise<Float32Array[]> => {
    const numbers = await readGolden(await read(`${golden}/golden.safetensors`));
    return noGrad(() => Object.values(forward(numbers)).map(({ data }) => Float32Array.from(data)));
  };

  test.each([
    ["weights that are cut short", async () => ({ "model.safetensors": (await read(`${golden}/model.safetensors`)).slice(0, -64) })],
    ["a damaged config.json", async () => ({ "config.json": text("{") })],
    ["a damaged preprocessor_config.json", async () => ({ "preprocessor_config.json": text("{") })],
    ["a damaged tokenizer.json", async () => ({ "tokenizer.json": text('{"model":') })],
    ["a damaged tokenizer_config.json", async () => ({ "tokenizer_config.json": text("[]"), "vocab.txt": text("a") })],
    ["a damaged generation_config.json", async () => ({ "generation_config.json": text("nothing") })],
    ["a damaged source.spm", async () => ({ "source.spm": text("no"), "target.spm": text("no"), "vocab.json": text("{}") })],
    ["damaged modules.json", async () => ({ "modules.json": text("{") })],
    ["weights of a dense layer that are missing", denseWithoutWeights],
  ] as const)("%s leave nothing in memory", async (_, damage) => {
    const damaged: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = await damage();
    const before = liveBytes();
    // A file that this model doesn't read, or can do without, does no harm.
    const error: unknown = await load(await filesWith(damaged)).then(
      ({ model }) => model.dispose(),
      (reason: unknown) => reason,
    );
    expect(liveBytes()).toBe(before);
    if (error !== undefined) expect(error).toBeInstanceOf(CheckpointError);
  });

  test("a value in config.json that makes no sense is a fault of the file, and is never followed", async () => {
    const before = liveBytes();
    const config = JSON.parse(await readFile(join(packages, golden, "config.json"), "utf8")) as Readonly<Record<string, unknown>>;
    const wrong = [2.5, -1, 1e9, "2", [1, 2], {}, true, "constructor"];
    for (const key of Object.keys(config)) {
      for (const value of wrong) {
        const changed = text(JSON.stringify({ ...config, [key]: value }));
        const loaded = await load(await filesWith({ "config.json": changed })).catch((error: unknown) => error);
        if (loaded instanceof Error) expect(loaded, `${key} ${String(value)}`).toBeInstanceOf(CheckpointError);
        else (loaded as Subject).model.dispose();
        expect(liveBytes(), `${key} ${String(value)}`).toBe(before);
      }
    }
  });

  test("what is undefined among the settings asked for says nothing", async () => {
    const before = liveBytes();
    const { model } = await load(await filesWith());
    const names = Object.keys(property(model, "config") as object);
    const config = Object.fromEntries(names.map((name) => [name, undefined]));
    const fromPretrained = property(model.constructor, "fromPretrained") as (files: Files, options: object) => Promise<Subject["model"]>;
    const other = await Reflect.apply(fromPretrained, model.constructor, [await filesWith(), { config }]);
    expect(property(other, "config")).toEqual(property(model, "config"));
    expect(property(model, "notes")).toEqual([]);
    for (const each of [model, other]) each.dispose();
    expect(liveBytes()).toBe(before);
  });

  test("an abort on the way leaves nothing in memory", async () => {
    const before = liveBytes();
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error("enough"));
    await expect(load(await filesWith(), { signal: controller.signal, onProgress })).rejects.toThrow("enough");
    expect(liveBytes()).toBe(before);
  });

  test.each([
    ["processor", "preprocessor_config.json", '{"resample": 99}', "resample should be 0 to 5"],
    ["tokenizer", "tokenizer.json", '{"model": {"type": "WordTree", "vocab": {}}}', "WordTree"],
  ])("a %s that isn't known here is told when it is needed, and can be replaced", async (part, file, content, reason) => {
    const before = liveBytes();
    const { model } = await load(await filesWith());
    if (part in model) {
      const replacement = property(model, part);
      const { model: other } = await load(await filesWith({ [file]: text(content) }));
      expect(() => property(other, part)).toThrow(`the ${part} beside the weights can't be used`);
      expect(() => property(other, part)).toThrow(reason);
      await expect(other.savePretrained("/nowhere")).rejects.toThrow(reason);
      expect(other.numParameters).toBe(model.numParameters);
      Reflect.set(other, part, replacement);
      expect(property(other, part)).toBe(replacement);
      other.dispose();
    }
    model.dispose();
    expect(liveBytes()).toBe(before);
  });

  test("what isn't a tensor, or one of another kind or shape, is named before anything is computed", async () => {
    const { model } = await load(await filesWith());
    const takesTwo = "decoder" in model || "encodeImages" in model;
    const method = property(model, "forward") as (...inputs: readonly unknown[]) => unknown;
    const forward = (input: unknown): unknown => scope(() => Reflect.apply(method, model, takesTwo ? [input, input] : [input]));
    const seesImages = "processor" in model;
    const expected = seesImages ? "images must be a float32 tensor" : "inputIds must be an int32 tensor";
    const input = (tensor: unknown): unknown => (seesImages ? tensor : { inputIds: tensor });
    using other = seesImages ? intTensor([1, 2]) : zeros([1, 2]);
    using flat = seesImages ? zeros([3, 16, 16]) : intTensor([1, 2, 3]);
    for (const [came, told] of [
      ["text", '"text"'],
      [[1, 2], "an Array"],
      [Promise.resolve(), "a promise (is an await missing?)"],
      [other, other.dtype],
    ] as const) {
      expect(() => forward(input(came))).toThrow(ArgumentError);
      expect(() => forward(input(came))).toThrow(`: ${expected}, but is ${told}`);
    }
    expect(() => forward(input(flat))).toThrow(ShapeError);
    model.dispose();
  });

  test("saved and loaded again it is the same model, and what the caller has is written beside it", () =>
    inFolder(async (folder) => {
      const first = await load(await filesWith());
      const alongside = new Map([
        ["README.md", "mine"],
        ["onnx/notes/a.txt", "deep"],
      ]);
      await first.model.savePretrained(folder, { alongside });
      expect(await readFile(join(folder, "README.md"), "utf8")).toBe("mine");
      expect(await readFile(join(folder, "onnx/notes/a.txt"), "utf8")).toBe("deep");
      const second = await load(await filesIn(folder));
      expect(second.model.config).toEqual(first.model.config);
      expect(await outputsOf(second)).toEqual(await outputsOf(first));
      first.model.dispose();
      second.model.dispose();
    }));

  test.each(["../evil.txt", "/evil.txt", "a/../../evil.txt", "model.safetensors", "model-00001-of-00002.safetensors", "Model.safetensors"])(
    "nothing is written as %s",
    (name) =>
      inFolder(async (folder) => {
        const { model } = await load(await filesWith());
        const inside = join(folder, "inside");
        await expect(model.savePretrained(inside, { alongside: new Map([[name, "x"]]) })).rejects.toThrow("is refused");
        expect(await readdir(folder)).toEqual([]);
        model.dispose();
      }),
  );

  test("a new head begins with weights from N(0, 0.02²) and zero biases, where there is a head", async () => {
    const labels = Array.from({ length: 300 }, (_, i) => `class ${i}`);
    const before = liveBytes();
    if (!hasHead) {
      await expect(load(await filesWith(), { labels })).rejects.toThrow("`labels` name the classes of a head, but this model has none");
      expect(liveBytes()).toBe(before);
      return;
    }
    const { model } = await load(await filesWith(), { labels });
    expect(property(model.config, "id2label")).toMatchObject({ 0: "class 0", 299: "class 299" });
    const head = [...model.namedParameters()].filter(([path]) => /^(head|classifier)/.test(path));
    expect(head.length).toBeGreaterThan(0);
    for (const [path, { data, shape }] of head) {
      const isLast = !path.includes("dense"); // some heads have a layer before the last
      if (isLast) expect([path, shape[0]]).toEqual([path, 300]);
      if (path.endsWith("bias")) expect(new Set(data)).toEqual(new Set([0]));
      else expect(Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length)).toBeCloseTo(0.02, isLast ? 3 : 2);
    }
    model.dispose();
    expect(liveBytes()).toBe(before);
  });

  test("an adapter goes on and off", async () => {
    const before = liveBytes();
    const subject = await load(await filesWith());
    const outputs = await outputsOf(subject);
    const lora = LoRA.attach(subject.model, { rank: 2 });
    expect(await outputsOf(subject)).toHaveLength(outputs.length);
    lora.detach();
    expect(await outputsOf(subject)).toEqual(outputs);
    subject.model.dispose();
    expect(liveBytes()).toBe(before);
  });

  // huggingface/peft#868, #1579, #309, huggingface/trl#386: what was saved wasn't the model that was there.
  test("with an adapter at work it isn't saved without a word; with a merged one, as it then is", () =>
    inFolder(async (folder) => {
      const subject = await load(await filesWith());
      using lora = LoRA.attach(subject.model, { rank: 2 });
      for (const parameter of lora.parameters()) parameter.data.fill(0.25);
      await expect(subject.model.savePretrained(folder)).rejects.toThrow(/savePretrained: an adapter is at work on .*: merge\(\) it/);
      expect(await readdir(folder)).toEqual([]);
      lora.merge();
      const adapted = await outputsOf(subject);
      await subject.model.savePretrained(folder);
      const again = await load(await filesIn(folder));
      expect(await outputsOf(again)).toEqual(adapted);
      again.model.dispose();
      subject.model.dispose();
    }));
});

async function denseWithoutWeights(): Promise<Readonly<Record<string, Uint8Array<ArrayBuffer>>>> {
  return {
    "modules.json": text('[{"type": "x.Transformer", "path": ""}, {"type": "x.Dense", "path": "1_Dense"}]'),
    "1_Dense/config.json": text('{"in_features": 24, "out_features": 2}'),
  };
}
