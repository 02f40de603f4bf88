/** Every command, as a user calls it: what it prints, what it says goes wrong, and how it ends. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as allOf } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quantizeEmbeddings } from "@x/layers/model";
import { commands } from "../src/commands/index.ts";
import { packages, writeModels } from "./models.ts";
import { records, source, x } from "./x.ts";

const goldens = join(packages, "models-vision/golden/classify");
const clip = join(packages, "clip-emoji/model");
const sky = join(goldens, "sky.jpg");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "x-"));
  await writeModels(folder);
  await mkdir(join(folder, "pictures/more"), { recursive: true });
  await copyFile(sky, join(folder, "pictures/more/sky.jpg"));
  await copyFile(join(goldens, "stripes.png"), join(folder, "pictures/stripes.png"));
  await writeFile(join(folder, "pictures/broken.png"), "broken");
  await writeFile(join(folder, "pictures/notes.txt"), "no picture");
});
afterAll(() => rm(folder, { recursive: true }));

const model = (name: string): string[] => ["--model", join(folder, name)];
const probability = expect.closeTo(0.5, 0);

describe("pictures", () => {
  test("classify: files and folders; a broken picture is reported, the rest goes on, and the end is a failure", async () => {
    const found = await x(["classify", "--model", join(goldens, "vit"), "--json", "--top-k", "2", "pictures", sky], { folder });
    expect(records(found)).toEqual([
      {
        file: join("pictures", "more", "sky.jpg"),
        labels: [
          { label: "sky", probability },
          { label: expect.any(String), probability: expect.any(Number) },
        ],
      },
      {
        file: join("pictures", "stripes.png"),
        labels: [
          { label: "stripes", probability },
          { label: expect.any(String), probability: expect.any(Number) },
        ],
      },
      {
        file: sky,
        labels: [
          { label: "sky", probability },
          { label: expect.any(String), probability: expect.any(Number) },
        ],
      },
    ]);
    expect(found.err).toBe(
      `x: ${join("pictures", "broken.png")}: not an image that can be read here: the file begins with 62 72 6f 6b 65 6e; PNG, JPEG, GIF, WebP and BMP can\n`,
    );
    expect(found.code).toBe(1);
  });

  test("without --json a table, without colours where no terminal is; names come from standard input, too", async () => {
    const { out, err, code } = await x(["classify", "--model", join(goldens, "swin"), "--top-k", "1"], { stdin: `${sky}\n\n` });
    expect(out).toMatch(/^.*sky\.jpg\n {2}sky {2}0\.\d{4}\n$/);
    expect([err, code]).toEqual(["", 0]);
  });

  test("zero-shot: labels of one's own", async () => {
    const found = await x([
      "zero-shot",
      "--model",
      clip,
      "--json",
      "--labels",
      "sky, dog",
      "--labels",
      "cat",
      "--template",
      "a {label}",
      sky,
    ]);
    expect(records(found)).toMatchObject([{ file: sky, labels: [{ label: "sky" }, {}, {}] }]);
    expect(found.code).toBe(0);
  });

  test("embed: pictures where the model sees, texts where it reads, each where it does both", async () => {
    const [seen, read, both] = await Promise.all([
      x(["embed", "--model", join(goldens, "mixer"), "--json", sky]),
      x(["embed", ...model("embed"), "--json", "the whale", "the old ship"]),
      x(["embed", "--model", clip, "--json", "sky", sky, "nofile.png"]),
    ]);
    expect(records(seen)).toEqual([{ file: sky, embedding: expect.arrayContaining([expect.any(Number)]) }]);
    expect(records(read)).toEqual(["the whale", "the old ship"].map((text) => ({ text, embedding: expect.any(Array) })));
    expect(records(both)).toEqual([
      { text: "sky", embedding: expect.any(Array) },
      { file: sky, embedding: expect.any(Array) },
    ]);
    expect(both.err).toBe("x: nofile.png: there is no such file\n");
    const [bits] = records(await x(["embed", ...model("embed"), "--json", "--precision", "ubinary", "the whale"]));
    const [{ embedding = [] } = {}] = records(read) as { embedding?: number[] }[];
    const bytes = quantizeEmbeddings([Float32Array.from(embedding)], "ubinary");
    expect(bits).toEqual({ text: "the whale", embedding: [...(bytes[0] ?? [])] });
    expect([seen.code, read.code, both.code]).toEqual([0, 0, 1]);
  });

  test("embed: a model for both that has no tokenizer beside it sees nevertheless", async () => {
    const seen = await x(["embed", "--model", join(packages, "clip/golden/hugging_face"), "--json", sky]);
    expect(records(seen)).toEqual([{ file: sky, embedding: expect.any(Array) }]);
    expect([seen.err, seen.code]).toEqual(["", 0]);
  });
});

describe("texts", () => {
  test("classify-text, fill-mask, tag, answer, translate, rank print a record a text", async () => {
    const [kinds, masks, names, answers, translations, ranks] = await Promise.all([
      x(["classify-text", ...model("classify-text"), "--json", "--pairs", "the whale\tthe ship"]),
      x(["fill-mask", ...model("fill-mask"), "--json", "-k", "1", "the [MASK] is old .", "no mask"]),
      x(["tag", ...model("tag"), "--json", "the captain"]),
      x(["answer", ...model("answer"), "--json", "--context", "the whale is old .", "what is old ?"]),
      x(["translate", ...model("translate"), "--json", "the quick brown fox"]),
      x(["rank", ...model("embed"), "--json", "--query", "the whale", "-k", "2", "the ship", "the whale", "a man"]),
    ]);
    expect(records(kinds)).toEqual([{ text: "the whale\tthe ship", labels: expect.any(Array) }]);
    expect(records(masks)).toEqual([
      {
        text: "the [MASK] is old .",
        tokens: [{ token: expect.any(String), id: expect.any(Number), probability: expect.any(Number), text: expect.any(String) }],
      },
    ]);
    expect(masks.err).toBe('x: no mask: fillMask: a text must have one [MASK], but "no mask" has 0\n');
    expect(records(names)).toMatchObject([{ text: "the captain", entities: [{ label: expect.any(String), begin: 0 }] }]);
    expect(records(answers)).toMatchObject([
      { question: "what is old ?", context: "the whale is old .", answers: [{ text: expect.any(String) }] },
    ]);
    expect(records(translations)).toEqual([{ text: "the quick brown fox", translation: expect.any(String) }]);
    expect(records(ranks)).toEqual([
      { index: 1, text: "the whale", score: expect.closeTo(1, 5) },
      { index: expect.any(Number), text: expect.any(String), score: expect.any(Number) },
    ]);
    expect([kinds, masks, names, answers, translations, ranks].map(({ code }) => code)).toEqual([0, 1, 0, 0, 0, 0]);
  });

  test("translate: a language that the model hasn't is told once", async () => {
    const ended = await x(["translate", ...model("translate"), "--to", "fr", "the fox", "the dog"]);
    expect(ended).toEqual({ code: 1, out: "", err: 'x: tokenizer: it has no language "fr"\n' });
  });

  test("rank puts before query and texts what the files declare for each, whatever stands before texts otherwise", async () => {
    const prompted = join(folder, "prompted");
    await cp(join(folder, "embed"), prompted, { recursive: true });
    const ranked = async (prompts: object, query: string, ...texts: string[]): Promise<unknown[]> => {
      const settings = { prompts, default_prompt_name: "other" };
      await writeFile(join(prompted, "config_sentence_transformers.json"), JSON.stringify(settings));
      const found = await x(["rank", "--model", prompted, "--json", "--query", query, ...texts]);
      return (records(found) as { index: number; score: number }[]).map(({ index, score }) => [index, score]);
    };
    const other = "the dog";
    expect(await ranked({ query: "ship ", document: "old ", other }, "whale", "man", "captain")).toEqual(
      await ranked({ other }, "ship whale", "old man", "old captain"),
    );
  });

  test("rank asks a reranker where the model is one", async () => {
    const reranker = join(packages, "models-nlp/golden/rerank");
    const found = await x([
      "rank",
      "--model",
      reranker,
      "--json",
      "--truncate",
      "--query",
      "the whale",
      "the ship",
      "a man",
      "the old captain",
    ]);
    const scores = (records(found) as { score: number }[]).map(({ score }) => score);
    expect(scores).toHaveLength(3);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect([found.err, found.code]).toEqual(["", 0]);
  });

  test("tokenize needs a tokenizer's files and nothing else", async () => {
    const found = await x(["tokenize", "--model", join(packages, "models-nlp/golden/tasks/vocab.txt"), "--json", "The whale"]);
    expect(records(found)).toEqual([
      {
        text: "The whale",
        ids: [2, 52, 85, 3],
        tokens: ["[CLS]", "the", "whale", "[SEP]"],
        offsets: [
          [0, 0],
          [0, 3],
          [4, 9],
          [0, 0],
        ],
      },
    ]);
  });

  test("lines that are empty are passed over; one that isn't UTF-8 is reported, and the rest goes on", async () => {
    const bytes = Buffer.concat([Buffer.from("\ufeffthe whale\r\n\n  \n"), Buffer.from([0xff, 0xfe, 10]), Buffer.from("the ship")]);
    const found = await x(["tokenize", ...model("fill-mask"), "--json"], { stdin: bytes });
    expect(records(found)).toMatchObject([{ text: "the whale" }, { text: "the ship" }]);
    expect([found.err, found.code]).toEqual(["x: line 4: is not UTF-8 text\n", 1]);
  });

  test("a text that is too long is reported, or cut where that is asked for", async () => {
    const long = "whale ".repeat(100);
    const [reported, cut] = await Promise.all([
      x(["classify-text", ...model("classify-text"), "--json", long, "the ship"]),
      x(["classify-text", ...model("classify-text"), "--json", "--truncate", long]),
    ]);
    expect(records(reported)).toMatchObject([{ text: "the ship" }]);
    expect(reported.err.split("\n")).toHaveLength(2);
    expect([reported.code, cut.code]).toEqual([1, 0]);
  });

  test("control characters of strangers don't reach the terminal", async () => {
    const { out } = await x(["translate", ...model("translate"), "the fox"]);
    expect(out).not.toContain("\u001b");
    const tokens = await x(["tokenize", ...model("fill-mask"), "a\u001b[31mb"]);
    expect(tokens.out).not.toContain("\u001b");
  });
});

describe("inspect", () => {
  test.each([
    ["models-vision/golden/timm_branch_norm", "vit_base_patch16_rpn_224", "ViT"],
    ["models-vision/golden/vit", "ViTForImageClassification", "ViT"],
  ])("architecture and class of %s", async (place, architecture, Class) => {
    const [record] = records(await x(["inspect", "--model", join(packages, place), "--json"]));
    expect(record).toMatchObject({ architecture, class: Class, problems: [] });
  });

  test("class, tensors, and what is done with every key", async () => {
    const found = await x(["inspect", ...model("fill-mask"), "--json"]);
    const [record] = records(found) as [{ files: { followed: string[]; passedOver: object }[]; tensors: object[] }];
    expect(record).toMatchObject({
      architecture: "BertForMaskedLM",
      class: "BertForMaskedLM",
      family: "bert",
      parameters: 6472,
      problems: [],
    });
    expect(record.tensors).toContainEqual({ name: "cls.predictions.bias", dtype: "float32", shape: [168] });
    expect(record.files[0]).toMatchObject({
      file: "config.json",
      followed: expect.arrayContaining(["hidden_size"]),
      refused: {},
      unknown: [],
    });
  });

  test("what is refused, unknown, or no model that is known here", async () => {
    const other = join(folder, "other");
    await mkdir(other);
    const config = { model_type: "bert", is_decoder: true, colour: "blue", architectures: ["BertLMHeadModel"] };
    await writeFile(join(other, "config.json"), JSON.stringify({ ...config, architectures: ["BertModel"] }));
    const [refused] = records(await x(["inspect", "--model", other, "--json"])) as [{ files: object[]; problems: string[] }];
    expect(refused.files[0]).toMatchObject({ refused: { is_decoder: expect.any(String) }, unknown: ["colour"] });
    expect(refused.problems).toEqual([expect.stringContaining("no checkpoint is there")]);
    await writeFile(join(other, "config.json"), JSON.stringify({ model_type: "t5", architectures: ["T5Model"] }));
    const [unknown] = records(await x(["inspect", "--model", other, "--json"])) as [{ problems: string[] }];
    expect(unknown).toMatchObject({ architecture: "T5Model", class: null, files: [] });
    expect(unknown.problems[0]).toContain("found model_type t5");
  });
});

describe("ends", () => {
  test.each([
    [["clasify"], 2, "x: unknown command 'clasify' (Did you mean classify?)\n"],
    [["classify", "a.png"], 2, "x: required option '-m, --model <name>' not specified\n"],
    [
      ["classify", "--model", "a/b", "-k", "0"],
      2,
      "x: option '-k, --top-k <count>' argument '0' is invalid. It must be a whole number from 1 on.\n",
    ],
    [["classify", "--model", "a/b", "--modl"], 2, "x: unknown option '--modl' (Did you mean --model?)\n"],
    [["classify", "--model", "/nonexistent", "a.png"], 1, "x: /nonexistent: there is no such file or folder\n"],
    [
      ["embed", "--model", "a/b", "--dtype", "int4", "a"],
      2,
      "x: option '--dtype <kind>' argument 'int4' is invalid. Allowed choices are float32, int8.\n",
    ],
  ])("x %j", async (words, code, err) => {
    expect(await x(words)).toEqual({ code, out: "", err });
  });

  /** Beside the model, what each command can't do without. */
  const needed: Readonly<Record<string, readonly string[]>> = {
    "zero-shot": ["--labels", "a,b"],
    search: ["--index", "/nonexistent/index", "--add"],
    rank: ["--query", "a"],
    "fine-tune": ["--task", "embed", "--data", "pairs.jsonl", "--out", "trained"],
    convert: ["--out", "converted"],
    bulk: ["--out", "vectors.jsonl", "embed", "pairs.jsonl"],
  };

  describe.each(commands.filter(({ options }) => options.some(({ long }) => long === "--model")))("$name", ({ name, options, inputs }) => {
    test("a misspelt option is named before one that is missing; an option without its value, and a model that isn't there, are told in one line", async () => {
      await writeFile(join(folder, "pairs.jsonl"), '{"anchor": "calm", "positive": "sea", "text": "calm"}\n');
      const given = [...(needed[name] ?? []), ...(inputs === undefined || name === "serve" || name === "bulk" ? [] : [sky])];
      const [misspelt, valueless, missing] = [
        await x([name, "--modle", "a/b"]),
        await x([name, "--model"]),
        await x([name, "--model", join(folder, "nowhere"), ...given], { folder }),
      ];
      expect(misspelt).toEqual({ code: 2, out: "", err: "x: unknown option '--modle' (Did you mean --model?)\n" });
      const flags = options.find(({ long }) => long === "--model")?.flags;
      expect(valueless).toEqual({ code: 2, out: "", err: `x: option '${flags}' argument missing\n` });
      expect(missing.err).toMatch(/^x: .*there is no such file or folder\n$/);
      expect([missing.code, missing.out]).toEqual([1, ""]);
    });

    test("it takes --json, and --threads and --dtype where a model computes", () => {
      const takes = options.map(({ long }) => long);
      if (name === "inspect" || name === "tokenize") return;
      expect(takes).toContain("--threads");
      if (name !== "fine-tune") expect(takes).toContain("--dtype");
    });
  });

  test("what isn't text on standard input ends it with one line; nothing there is no failure", async () => {
    const picture = await readFile(sky);
    const words = ["classify", "--model", join(goldens, "vit")];
    const [piped, none] = [await x(words, { stdin: picture }), await x(words)];
    expect(piped.err).toMatch(/^x: standard input: lines of UTF-8 text are wanted.*\n$/);
    expect([piped.code, piped.out]).toEqual([2, ""]);
    expect(none).toEqual({ code: 0, out: "", err: "" });
  });

  test("a folder without pictures is told", async () => {
    await mkdir(join(folder, "none"), { recursive: true });
    const ended = await x(["classify", "--model", join(goldens, "vit"), "none"], { folder });
    expect(ended).toEqual({ code: 1, out: "", err: "x: none: there is no picture in it (PNG, JPEG, WebP, GIF, BMP)\n" });
  });

  test("repositories that the cache hasn't are told", async () => {
    const ended = await x(["cache", "--json", "--cache", folder, "--clear", "a/b"]);
    expect(ended).toEqual({ code: 1, out: "", err: "x: a/b: nothing of it is kept here\n" });
  });

  test("a model that can't do it says so in one line", async () => {
    const [head, kind] = await Promise.all([
      x(["classify-text", ...model("fill-mask"), "the whale"]),
      x(["classify", ...model("fill-mask"), sky]),
    ]);
    expect(head.err).toMatch(/^x: .*it has nothing for .*classifier\.weight.*\n$/);
    expect(kind.err).toMatch(/^x: .*found model_type bert\)\n$/);
    expect([head.code, kind.code]).toEqual([1, 1]);
  });

  test("--version, --help, and help of each command with an example", async () => {
    const { version } = JSON.parse(await readFile(join(packages, "cli/package.json"), "utf8")) as {
      version: string;
    };
    expect(await x(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
    const { out } = await x(["--help"]);
    for (const { name, example, options } of commands) {
      expect(out).toContain(`  ${name} `);
      expect(example, name).toMatch(new RegExp(`^x ${name} --(model|clear) `));
      for (const option of options.filter(({ mandatory }) => mandatory)) expect(example).toContain(option.long);
    }
    const help = await x(["embed", "--help"]);
    expect(help.out).toContain("$ x embed --model sentence-transformers/all-MiniLM-L6-v2");
    expect(help.code).toBe(0);
  });

  test("lines are dealt with as they come, and an interruption ends it at once", async () => {
    const ended = await x(["classify-text", ...model("classify-text"), "--json"], {
      stdin: "the whale\n", // and no end
      onOutput: (_, child) => void child.kill("SIGINT"),
    });
    expect(records(ended)).toMatchObject([{ text: "the whale" }]);
    expect([ended.code, ended.err]).toEqual([130, ""]);
  });

  test.skipIf(!existsSync("/dev/full"))("a disk that is full ends it with one line", async () => {
    await using full = await open("/dev/full", "w");
    const words = [...source, "tokenize", ...model("embed"), "the whale"];
    const child = spawn(process.execPath, words, { stdio: ["ignore", full.fd, "pipe"] });
    const said = child.stderr ? allOf(child.stderr) : "";
    const [err, code] = await Promise.all([said, new Promise((resolve) => child.on("close", resolve))]);
    expect({ err, code }).toEqual({ err: expect.stringMatching(/^x: the results can't be written: ENOSPC.*\n$/), code: 1 });
  });

  test("a reader that has enough ends it quietly", async () => {
    const ended = await x(["tokenize", ...model("fill-mask"), "--json"], {
      stdin: "the whale\n".repeat(200_000),
      onOutput: (_, child) => void child.stdout?.destroy(),
    });
    expect([ended.code, ended.err]).toEqual([0, ""]);
  });
});
