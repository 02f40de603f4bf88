/** The binary, as a user calls it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@x/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const binary = ["--conditions=@x/source", "--disable-warning=ExperimentalWarning", join(import.meta.dirname, "../src/cli.ts")];
const sky = join(import.meta.dirname, "../../models-vision/golden/classify/sky.jpg");

interface Ended {
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

const clipEmoji = (...words: readonly string[]): Promise<Ended> =>
  new Promise((resolve) =>
    execFile(process.execPath, [...binary, ...words], (error, out, err) => resolve({ code: error?.code ?? 0, out, err })),
  );

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "emoji-"));
  await writeFile(join(folder, "broken.png"), "broken");
});
afterAll(() => rm(folder, { recursive: true }));

test("words find pictures, a picture finds words, and --json says both to programs", async () => {
  const [words, picture, json] = await Promise.all([
    clipEmoji("red", "heart"),
    clipEmoji(sky, "-k", "2"),
    clipEmoji("--json", "--top-k", "1", "red heart"),
  ]);
  expect(words).toEqual({ code: 0, out: expect.stringMatching(/^❤️ {2}red heart {2}0\.\d{3}\n/), err: "" });
  expect(picture.out.split("\n")).toHaveLength(3);
  expect(JSON.parse(json.out)).toEqual({
    words: "red heart",
    found: [{ character: "❤️", name: "red heart", score: expect.any(Number) }],
  });
});

test("a picture's address is a picture", async () => {
  await using server = await serve((_, response) => void response.writeHead(404).end());
  const { code, err } = await clipEmoji(`${server.url}/cat`);
  expect([code, err]).toEqual([1, `clip-emoji: ${server.url}/cat: the server answers 404 Not Found\n`]);
});

test.each([
  [["nofile.png"], 1, /^clip-emoji: nofile\.png: .*no such file\n$/],
  [[""], 2, /^clip-emoji: there is nothing to look for.*\n$/],
  [[], 2, /^clip-emoji: there is nothing to look for.*\n$/],
  [["--josn", "dog"], 2, /^clip-emoji: Unknown option '--josn'.*\n$/],
  [["-k", "0", "dog"], 2, /^clip-emoji: --top-k is a whole number from 1 on, but is 0\n$/],
])("%j is refused in one line", async (words, code, err) => {
  expect(await clipEmoji(...words)).toEqual({ code, out: "", err: expect.stringMatching(err) });
});

test("a broken picture is refused in one line", async () => {
  const { code, err } = await clipEmoji(join(folder, "broken.png"));
  expect([code, err]).toEqual([1, expect.stringMatching(/^clip-emoji: .*broken\.png: not an image that can be read here.*\n$/)]);
});

test("--version and --help", async () => {
  const [version, help] = await Promise.all([clipEmoji("--version"), clipEmoji("--help")]);
  expect(version).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: "" });
  expect(help).toEqual({ code: 0, out: expect.stringContaining("--json"), err: "" });
});
