/** docs/checkpoints.md: what it says was checked is there, and loads as the class that it says. */
import { existsSync, readFileSync } from "node:fs";
import { init } from "@x/layers";
import { load as loadImageText } from "@x/clip/auto";
import { load as loadText } from "@x/models-nlp/auto";
import { load as loadImage } from "@x/models-vision/auto";
import { beforeAll, expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const sections = readFileSync(new URL("docs/checkpoints.md", root), "utf8").split("\n## ").slice(1, 4);
const packages = [
  { folder: "models-nlp", load: loadText },
  { folder: "models-vision", load: loadImage },
  { folder: "clip", load: loadImageText },
] as const;

const rows = sections.flatMap((section, i) => {
  const of = packages[i];
  if (!of) return [];
  const cells = section.split("\n").filter((line) => line.startsWith("| `"));
  return cells.map((line) => {
    const [, names = "", kind = "", golden = ""] = line.split("|").map((cell) => cell.trim());
    return { ...of, names, kind, golden: golden.replaceAll("`", "") };
  });
});

beforeAll(() => init());

test("every row has a name, and they come once", () => {
  const names = rows.flatMap((row) => row.names.match(/(?<=`)[^` ]+\/[^` ]+(?=`)/g) ?? []);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(110);
});

test.each(rows)("$folder/golden/$golden is a $kind", async ({ folder, load, kind, golden }) => {
  const place = new URL(`packages/${folder}/golden/${golden}/`, root);
  expect(existsSync(place)).toBe(true);
  using model = await load(place.href);
  expect(model.constructor.name).toBe(kind);
});
