import { readFile } from "node:fs/promises";
import { liveBytes } from "@x/layers";
import { expect, test } from "vitest";
import { EmojiSearch } from "../src/index.ts";

test("words find pictures, far above chance, and nothing is left behind", async () => {
  let before: number;
  {
    using search = await EmojiSearch.load();
    await search.find("sun"); // the index takes the form that searching wants
    before = liveBytes();
    const firsts = await Promise.all(
      search.names
        .ids()
        .map(String)
        .map(async (id) => [id, await search.find(id.slice(id.indexOf(" ") + 1))] as const),
    );
    const drawn = firsts.filter(([id]) => search.pictures.has(id));
    const found = drawn.filter(([id, list]) => list.some(({ character, name }) => `${character} ${name}` === id)).length;
    expect(found / drawn.length).toBeGreaterThan(0.6); // by chance 0.003
    expect(liveBytes()).toBe(before);
  }
  expect(liveBytes()).toBeLessThan(before);
});

test("what was measured is told", async () => {
  const report = JSON.parse(await readFile(new URL("../model/retrieval.json", import.meta.url), "utf8"));
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const share of [report.textToImage.top1, report.textToImage.top5, report.imageToText.top1]) {
    expect(readme).toContain(`${(100 * share).toFixed(1)} %`);
  }
  expect(report.textToImage.top1).toBeGreaterThan(20 * report.chance.top1);
});
