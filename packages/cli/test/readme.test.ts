/** The README says what is so: its transcript is run, and its objects are compared with what is printed. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../src/commands/index.ts";
import { packages, writeModels } from "./models.ts";
import { records, x } from "./x.ts";

const root = join(packages, "..");
const readme = await readFile(join(packages, "cli/README.md"), "utf8");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "x-readme-"));
  await writeModels(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** The last digits may be others on another machine. */
const rounded = (text: string): string => text.replaceAll(/\d\.\d{5,}/g, (number) => Number(number).toFixed(4));

test("the transcript", async () => {
  const [, block = ""] = /```sh\n(\$[\s\S]*?)```/.exec(readme) ?? [];
  const steps = block.split(/^\$ x /m).slice(1);
  expect(steps.length).toBeGreaterThan(3);
  const run = async (step: string): Promise<void> => {
    const [line = "", ...printed] = step.split("\n");
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare = ""]) => quoted ?? bare);
    const { out, err } = await x(words, { folder: root });
    expect(rounded(out + err), line).toBe(rounded(printed.join("\n")));
  };
  await Promise.all(steps.map(run));
});

/** `{"text", "tokens": [{"id"}]}` */
function shapeOf(value: unknown): string {
  const isObject = (one: unknown): one is object => typeof one === "object" && one !== null && !Array.isArray(one);
  const inner = (one: unknown): string => {
    const [first] = Array.isArray(one) ? (one as unknown[]) : [];
    return isObject(first) ? `: [${shapeOf(first)}]` : "";
  };
  return isObject(value)
    ? `{${Object.entries(value)
        .map(([key, one]) => `"${key}"${inner(one)}`)
        .join(", ")}}`
    : "";
}

/** A server ends when it is told to. */
const ended = { onOutput: (_: string, child: { kill(signal: "SIGTERM"): unknown }) => void child.kill("SIGTERM") };

test("the objects", { timeout: 240_000 }, async () => {
  const picture = "packages/models-vision/golden/classify/sky.jpg";
  const model = (name: string): string[] => ["--model", join(folder, name)];
  const pairs = join(folder, "pairs.jsonl");
  await writeFile(pairs, '{"anchor": "calm", "positive": "sea"}');
  const calls = [
    ["inspect", ...model("fill-mask")],
    ["classify", "--model", "packages/models-vision/golden/classify/vit", picture],
    ["zero-shot", "--model", "packages/clip-emoji/model", "--labels", "sky", picture],
    ["embed", ...model("embed"), "text"],
    ["embed", "--model", "packages/models-vision/golden/classify/vit", picture],
    ["search", ...model("embed"), "--index", join(folder, "index.safetensors"), "text"],
    ["search", "--model", "packages/clip-emoji/model", "--index", join(folder, "pictures.safetensors"), "text"],
    ["search", ...model("embed"), "--index", join(folder, "new.safetensors"), "--add", "text"],
    ["search", ...model("embed"), "--index", `lancedb:${join(folder, "texts.lancedb")}#texts`, "text"],
    ["rank", ...model("embed"), "--query", "text", "text"],
    ["classify-text", ...model("classify-text"), "text"],
    ["fill-mask", ...model("fill-mask"), "a [MASK]"],
    ["tag", ...model("tag"), "text"],
    ["answer", ...model("answer"), "--context", "the whale", "what"],
    ["translate", ...model("translate"), "text"],
    ["tokenize", ...model("fill-mask"), "text"],
    ["fine-tune", "--task", "embed", ...model("embed"), "--data", pairs, "--out", join(folder, "out")],
    ["attention", ...model("embed"), "-o", folder, "text"],
    ["attention", "--model", "packages/models-vision/golden/classify/vit", "-o", folder, picture],
    ["reconstruct", "--model", "packages/models-vision/golden/mae_fixture", "-o", folder, picture],
    ["convert", ...model("embed"), "-o", join(folder, "anew")],
    ["bulk", ...model("embed"), "-o", join(folder, "vectors.npy"), "embed", join(folder, "texts.jsonl")],
    ["serve", ...model("embed"), "--port", "0", "--threads", "1"],
    ["bench", ...model("embed"), "--seconds", "1"],
    ["cache", "--cache", join(folder, "hub")],
    ["cache", "--dry-run", "packages/clip-emoji/model"],
  ];
  await writeFile(join(folder, "texts.jsonl"), '{"text": "the whale"}\n');
  const table = join(folder, "table.jsonl");
  await writeFile(table, '{"text": "the whale"}\n');
  await x(["bulk", ...model("embed"), "-o", `lancedb:${join(folder, "texts.lancedb")}#texts`, "embed", table]);
  await x(["search", ...model("embed"), "--index", join(folder, "index.safetensors"), "--add", "text"]);
  await x(["search", "--model", "packages/clip-emoji/model", "--index", join(folder, "pictures.safetensors"), "--add", picture], {
    folder: root,
  });
  await mkdir(join(folder, "hub/models--a--b/blobs"), { recursive: true });
  const [, documented = ""] = /```\n(inspect [\s\S]*?)```/.exec(readme) ?? [];
  const lines = calls.map(async ([name = "", ...words]) => {
    const [record] = records(await x([name, "--json", ...words], { folder: root, ...(name === "serve" && ended) }));
    return `${name.padEnd(13)}  ${shapeOf(record)}\n`;
  });
  expect((await Promise.all(lines)).join("")).toBe(documented);
  expect(new Set(calls.map(([name]) => name))).toEqual(new Set(commands.map(({ name }) => name)));
});

test("the table has every command, with an example that is the command's own or a shorter one", () => {
  const rows = [...readme.matchAll(/^\| `([\w-]+)` \| .* \| `x ([\w-]+) --(?:model|clear) (\S+) ?(.*)` \|$/gm)];
  expect(rows.map(([, name]) => name)).toEqual(commands.map(({ name }) => name));
  for (const [, name, called, repository] of rows) {
    expect(called).toBe(name);
    expect(commands.find((command) => command.name === name)?.example).toContain(repository);
  }
});
