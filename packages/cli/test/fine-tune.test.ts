/** `x fine-tune`: every task as a user calls it, runs that are killed, and what is refused. What Python reads of the results, tools/reference/fine_tuned.py shows. */
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "@x/layers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { classesOf, sorted } from "../src/fine-tune/classes.ts";
import { readRows, type Row, type Rows } from "../src/fine-tune/rows.ts";
import { tasks } from "../src/fine-tune/tasks.ts";
import { filesOf } from "./files-of.ts";
import { packages, writeModels } from "./models.ts";
import { atStep, type Ended, records, x } from "./x.ts";

const pictures = join(packages, "models-vision/golden/classify");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fine-tune-"));
  await writeModels(join(folder, "models"));
});
afterAll(() => rm(folder, { recursive: true }));

const words = ["calm sea", "a storm at night", "the whale was calm", "bad weather and a storm", "fog over the ship", "the fog was bad"];
const kinds = ["calm", "stormy", "calm", "stormy", "foggy", "foggy"];
const texts = words.map((text, i) => ({ text, label: kinds[i] }));

async function file(name: string, rows: readonly object[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

const model = (name: string): string => join(folder, "models", name);
const always = "--epochs 2 --batch-size 4 --learning-rate 0.01 --threads 1 --simd plain --json".split(" ");
const call = (task: string, base: string, data: string, out: string, more: readonly string[] = []): string[] =>
  ["fine-tune", "--task", task, "--model", base, "--data", data, "--out", join(folder, out)].concat(always, more);

async function done(ended: Promise<Ended>): Promise<Record<string, unknown>[]> {
  const { code, err, ...rest } = await ended;
  expect([code, err]).toEqual([0, ""]);
  return records({ code, err, ...rest }) as Record<string, unknown>[];
}

describe("every task", () => {
  test("classify-text: every event; the result is a model with its tokenizer and labels; a second call only tells of it", async () => {
    const data = await file("texts.jsonl", texts);
    const asked = call("classify-text", model("fill-mask"), data, "texts", ["--validation", data]);
    const events = await done(x(asked));
    const entry = { step: expect.any(Number), epoch: expect.any(Number) };
    const scores = { loss: expect.any(Number), accuracy: expect.any(Number), f1: expect.any(Number), classes: expect.any(Object) };
    const validation = { ...scores, confusion: expect.any(Array) };
    const step = { ...entry, steps: 4, loss: expect.any(Number), learningRate: expect.any(Number), gradientNorm: expect.any(Number) };
    expect(events).toEqual([
      {
        event: "start",
        task: "classify-text",
        model: model("fill-mask"),
        examples: 6,
        validation: 6,
        parameters: expect.any(Number),
        trained: expect.any(Number),
      },
      { event: "step", ...step, step: 1, secondsLeft: expect.any(Number) },
      { event: "step", ...step, step: 2, secondsLeft: expect.any(Number) },
      { event: "evaluation", ...entry, step: 2, validation },
      { event: "step", ...step, step: 3, secondsLeft: expect.any(Number) },
      { event: "step", ...step, step: 4, secondsLeft: 0 },
      { event: "evaluation", ...entry, step: 4, validation },
      { event: "end", out: join(folder, "texts"), steps: 4, best: { step: expect.any(Number), ...validation } },
    ]);
    expect(Object.keys(await filesOf(join(folder, "texts"))).sort()).toEqual(
      ["config.json", "fine-tune.json", "history.jsonl", "history.svg", "model.safetensors", "tokenizer_config.json", "vocab.txt"].sort(),
    );
    const [told] = await done(x(["classify-text", "--json", "--model", join(folder, "texts"), "calm sea"]));
    expect(
      JSON.stringify(told)
        .match(/calm"|foggy"|stormy"/g)
        ?.sort(),
    ).toEqual(['calm"', 'foggy"', 'stormy"']);
    expect(await done(x(asked))).toEqual([events.at(-1)]);
  });

  test("a classifier of the same classes goes on learning, its classes in their order", async () => {
    const csv = join(folder, "texts.csv");
    await writeFile(csv, `text,label\n${texts.map(({ text, label }) => `"${text}",${label}\n`).join("")}`);
    await done(x(call("classify-text", model("classify-text"), csv, "csv", ["--learning-rate", "1e-9", "--epochs", "1"])));
    const weightsIn = async (place: string): Promise<number[]> => {
      const values = new Float32Array(3 * 16);
      const checkpoint = await openCheckpoint(place);
      await checkpoint.readInto([["classifier.weight", { shape: [3, 16], view: () => values }]]);
      return [...values].map((value) => Number(value.toFixed(4)));
    };
    expect(await weightsIn(join(folder, "csv"))).toEqual(await weightsIn(model("classify-text")));
    const config = JSON.parse(await readFile(join(folder, "csv/config.json"), "utf8")) as object;
    expect(config).toMatchObject({ id2label: { 0: "calm", 1: "stormy", 2: "foggy" } });
  });

  test("tag, embed, translate, classify: with LoRA there is an adapter beside the merged model", { timeout: 120_000 }, async () => {
    const tags = await file("tags.jsonl", [{ tokens: ["Paris", "was", "calm"], tags: ["B-LOC", "O", "O"] }]);
    const pairs = await file(
      "pairs.jsonl",
      words.map((text) => ({ anchor: text, positive: `${text} again`, negative: "the whale" })),
    );
    const scores = await file(
      "scores.jsonl",
      words.map((text, i) => ({ sentence1: text, sentence2: "calm sea", score: i / 6 })),
    );
    const phrases = await file(
      "phrases.jsonl",
      words.map((text) => ({ source: text, target: text })),
    );
    for (const kind of ["sky", "stripes"]) {
      await mkdir(join(folder, "pictures/train", kind), { recursive: true });
      await cp(
        join(pictures, kind === "sky" ? "sky.jpg" : "stripes.png"),
        join(folder, "pictures/train", kind, kind === "sky" ? "a.jpg" : "a.png"),
      );
    }
    await cp(join(folder, "pictures/train"), join(folder, "pictures/validation"), { recursive: true });
    const rows = [
      ["tag", model("tag"), tags, "accuracy"],
      ["embed", model("embed"), pairs, "recallAt1"],
      ["embed", model("embed"), scores, "spearman"],
      ["translate", model("translate"), phrases, "perplexity"],
      ["classify", join(pictures, "vit"), join(folder, "pictures"), "accuracy"],
    ] as const;
    for (const [i, [task, base, data, score]] of rows.entries()) {
      const more = ["--lora", "2", ...(task === "classify" ? [] : ["--validation", data])];
      const [start, ...events] = await done(x(call(task, base, data, `lora-${i}`, more)));
      expect(start?.["trained"]).toBeLessThan(start?.["parameters"] as number);
      expect(events.at(-1)).toMatchObject({ event: "end", best: { [score]: expect.any(Number) } });
      const files = Object.keys(await filesOf(join(folder, `lora-${i}`)));
      expect(files).toEqual(expect.arrayContaining(["config.json", "model.safetensors", join("adapter", "adapter_model.safetensors")]));
      const changed = await readFile(join(folder, `lora-${i}`, "model.safetensors"));
      expect(changed.equals(await readFile(join(base, "model.safetensors")))).toBe(false);
    }
  });
});

describe("a run that is killed", () => {
  const long = async (out: string, more: readonly string[] = []): Promise<string[]> =>
    call("classify-text", model("fill-mask"), await file("long.jsonl", Array(8).fill(texts).flat() as object[]), out, [
      "--epochs",
      "12",
      "--save-every",
      "5",
      "--validation-share",
      "0.2",
      ...more,
    ]);

  test.each([
    [17, []],
    [34, ["--lora", "4"]],
  ])("every %i steps ends with the same files %o", { timeout: 300_000 }, async (every, more) => {
    const name = `killed${more.length}`;
    await done(x(await long(`${name}-never`, more)));
    const asked = await long(name, more);
    let kills = 0;
    for (let steps = 6; ; steps += every) {
      const { code, err } = await x(asked, atStep(`SIGKILL ${steps}`));
      if (code !== null) {
        expect([code, err]).toEqual([0, ""]);
        break;
      }
      kills++;
    }
    expect(kills).toBeGreaterThan(1);
    expect(await filesOf(join(folder, name))).toEqual(await filesOf(join(folder, `${name}-never`)));
  });

  test("in its last save, whose leftovers go", { timeout: 120_000 }, async () => {
    await done(x(await long("whole")));
    const names = await filesOf(join(folder, "whole"));
    const asked = await long("half");
    expect((await x(asked, atStep("SIGKILL 80"))).code).toBeNull();
    await writeFile(join(folder, "half/model.safetensors.0123abcd.tmp"), "half");
    await writeFile(join(folder, "half/.0123abcd.saving"), "model.safetensors\n\n\n");
    await writeFile(join(folder, "half/config.json"), "{}");
    await done(x(asked));
    expect(await filesOf(join(folder, "half"))).toEqual(names);
  });

  test("whose process lives on: whoever goes on has it, and the other ends", { timeout: 120_000 }, async () => {
    const asked = await long("twice");
    const { program, environment } = atStep("SIGSTOP 1"); // as with Ctrl-Z
    const first = spawn(process.execPath, [...program, ...asked], { env: { ...process.env, ...environment } });
    onTestFinished(() => void first.kill("SIGKILL"));
    let err = "";
    first.stderr.on("data", (bytes: Buffer) => (err += bytes.toString()));
    const ended = new Promise<number | null>((resolve) => first.on("close", resolve));
    await new Promise<void>((resolve) => first.stdout.on("data", (bytes: Buffer) => bytes.includes('"step":') && resolve()));
    await done(x(asked, { onOutput: (out) => out.includes('"step":') && first.kill("SIGCONT") }));
    expect(await ended).toBe(1);
    expect(err).toContain("another goes on with this one");
    expect(await filesOf(join(folder, "twice"))).toEqual(await filesOf(join(folder, "whole")));
  });

  test("interrupted, it saves where it is", async () => {
    const asked = await long("interrupted", ["--save-every", "1000"]);
    const { code } = await x(asked, atStep("SIGINT 2"));
    expect(code).toBe(130);
    const steps = (await done(x(asked))).filter(({ event }) => event === "step");
    expect(steps[0]?.["step"]).toBeGreaterThan(2);
  });
});

describe("what is refused, in a line", () => {
  test("by the command", { timeout: 120_000 }, async () => {
    const data = await file("refused.jsonl", texts);
    const base = model("fill-mask");
    await done(x(call("classify-text", base, data, "finished")));
    await mkdir(join(folder, "taken"), { recursive: true });
    await writeFile(join(folder, "taken/thesis.doc"), "precious");
    const other = await file("other.jsonl", texts.slice(1));
    const refusals: [string[], RegExp, number][] = [
      [call("classify-text", base, data, "finished", ["--epochs", "3"]), /^x: --epochs: the run .* began with 2 \(.*\), but 3 came$/, 1],
      [call("classify-text", base, other, "finished"), /^x: --data: the run in .* began with other examples/, 1],
      [call("classify-text", base, data, "taken"), /^x: --out: a run has a folder of its own, .* something else: thesis.doc$/, 1],
      [call("classify-text", join(folder, "no"), data, "bad"), /no: there is no such file or folder$/, 1],
      [call("classify-text", base, data, "bad", ["--learning-rate", "1e30"]), /^x: fit: the loss is NaN, the step isn't taken/, 1],
      [call("classify-text", base, data, "bad", ["--validation-share", "0.01"]), /^x: --validation-share 0.01: of 6 examples that is 0/, 2],
      [call("nothing", base, data, "bad"), /Allowed choices are classify-text, tag, classify, embed, translate/, 2],
    ];
    for (const [asked, message, code] of refusals) {
      const ended = await x(asked);
      expect(ended.err.trim()).toMatch(message);
      expect([ended.err.trim().split("\n").length, ended.code]).toEqual([1, code]);
    }
    expect(await readFile(join(folder, "taken/thesis.doc"), "utf8")).toBe("precious");
  });

  const rowsOf = (rows: readonly Row[]): Rows => ({ label: "a.jsonl", rows, folder: "." });
  test.each<[keyof typeof tasks, readonly Row[], RegExp]>([
    [
      "classify-text",
      [{ text: "a", label: "b" }, { text: "a" }],
      /^a.jsonl: an example has text and label, .*, but number 2 is \{"text":"a"\}$/,
    ],
    ["classify-text", [{ text: "a", pair: 3, label: "b" }], /text and label, and pair where two texts belong together/],
    ["classify-text", [{ text: "a", label: "b" }], /there must be two classes at least, but every label is "b"$/],
    [
      "classify-text",
      [
        { text: "a", label: "b" },
        { text: "a", label: ["b"] },
      ],
      /labels are all lists, or none is, but \["b"\] and "b" came$/,
    ],
    ["tag", [{ tokens: ["a", "b"], tags: ["O"] }], /tokens and tags, two lists of one length/],
    ["classify", [{ image: 3, label: "b" }], /an example has image/],
    ["embed", [{ anchor: "a" }], /an example has anchor and positive/],
    [
      "embed",
      [
        { anchor: "a", positive: "b" },
        { sentence1: "a", sentence2: "b", score: 1 },
      ],
      /all examples have a score, or none has, but 1 of 2/,
    ],
    ["translate", [{ source: "a" }], /an example has source and target/],
  ])("in examples for %s: %j", (task, rows, message) => {
    expect(() => tasks[task].read(rowsOf(rows), undefined)).toThrow(message);
  });

  test("in files and folders", async () => {
    await writeFile(join(folder, "a.txt"), "text");
    await writeFile(join(folder, "empty.jsonl"), "\n");
    for (const [name, message] of [
      ["no.jsonl", "no.jsonl: there is no such file or folder"],
      ["a.txt", "examples come in .jsonl, .csv, .tsv, .parquet, or in a folder, but this is another kind of file"],
      ["empty.jsonl", "there must be at least one example"],
      [".", "a folder has train.jsonl, .csv, .tsv or .parquet, or folders of pictures by their classes"],
    ] as const)
      await expect(readRows(join(folder, name))).rejects.toThrow(message);
  });
});

test("labels: one class, numbers, several at once, quantities", () => {
  const single = { problemType: "single_label_classification" };
  expect(classesOf("a", ["b", "a", "b"])).toEqual({ names: ["a", "b"], ...single });
  expect(classesOf("a", [10, 9, 10])).toEqual({ names: ["9", "10"], ...single });
  expect(classesOf("a", [["b"], [], ["a", "b"]])).toEqual({ names: ["a", "b"], problemType: "multi_label_classification" });
  expect(classesOf("a", [1, 0.5])).toEqual({ names: ["LABEL_0"], problemType: "regression" });
  expect(sorted(["I-PER", "B-PER", "O"])).toEqual(["O", "B-PER", "I-PER"]);
});

test("tables: CSV's labels and scores are numbers if all are, Parquet's whole numbers are numbers", async () => {
  await writeFile(join(folder, "numbers.csv"), "text,label\na,1\nb,-2.5\n");
  await writeFile(join(folder, "words.tsv"), "text\tlabel\n1\t1\n2\tb\n");
  const rows = async (place: string): Promise<readonly Row[]> => (await readRows(place)).train.rows;
  expect(await rows(join(folder, "numbers.csv"))).toEqual([
    { text: "a", label: 1 },
    { text: "b", label: -2.5 },
  ]);
  expect(await rows(join(folder, "words.tsv"))).toEqual([
    { text: "1", label: "1" },
    { text: "2", label: "b" },
  ]);
  const parquet = await rows(join(packages, "train/golden/rows.parquet"));
  expect(parquet.length).toBeGreaterThan(0);
  expect(() => JSON.stringify(parquet)).not.toThrow();
});
