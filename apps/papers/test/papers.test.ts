/** Each recipe on its real data, a few steps of it: the loss falls, and the page has a section about it. */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init, liveBytes, shutdown } from "@x/layers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UnavailableError } from "../../../examples/data/src/unavailable.ts";
import { writePage } from "../src/page/html.ts";
import { publish } from "../src/page/publish.ts";
import { papers } from "../src/papers.ts";
import type { Report } from "../src/report.ts";
import { runPaper } from "../src/run-paper.ts";

const options = { seed: 1, share: 0.01, kernels: "a test" };
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "papers-"));
  await init({ threads: 1 });
});
afterAll(async () => {
  shutdown();
  await rm(folder, { recursive: true, force: true });
});

test("there are eight, each with a mechanism that says what is new", () => {
  expect(papers.map(({ id }) => id).sort()).toEqual(["bert", "clip", "fnet", "mae", "mlp-mixer", "swin", "transformer", "vit"]);
  for (const { mechanism } of papers) expect(mechanism.some(({ isNew }) => isNew)).toBe(true);
});

describe.each(papers.map((paper) => [paper.id, paper] as const))("%s", (id, paper) => {
  test("a hundredth of its steps: the loss falls, and the page tells it", { timeout: 600_000 }, async ({ skip }) => {
    if (id === "clip" && !existsSync(new URL("../../../demo-output/emoji.bin.gz", import.meta.url)))
      skip("emoji are drawn first: npm run example -- emoji-search/train --prepare");
    const before = liveBytes();
    let report: Report | undefined;
    try {
      report = await runPaper(paper, { ...options, folder });
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      skip(error.message);
    }
    expect(liveBytes()).toBe(before);
    expect(report?.curves.length).toBeGreaterThan(0);
    for (const { from, to } of report?.curves ?? []) expect(to).toBeLessThan(from);

    await writePage(join(folder, "index.html"), papers, report ? [report] : []);
    const html = await readFile(join(folder, "index.html"), "utf8");
    expect(html).toContain(`npm run papers -- ${id}`);
    for (const [what] of paper.mechanism.map(({ name }) => [name] as const)) expect(html).toContain(what.replaceAll("&", "&amp;"));
    expect(html.match(/<figure>/g)?.length).toBe((report?.figures.length ?? 0) + (report?.curves.length ?? 0));

    await publish(join(folder, "docs"), papers, report ? [report] : []);
    const markdown = await readFile(join(folder, "docs/papers.md"), "utf8");
    for (const [, picture = ""] of markdown.matchAll(/\]\((images\/[^)]+)\)/g))
      expect(existsSync(join(folder, "docs", picture)), picture).toBe(true);
  });
});

test("the same seed gives the same weights, bit for bit: vit", { timeout: 600_000 }, async ({ skip }) => {
  const vit = papers.find(({ id }) => id === "vit");
  const weights: Buffer[] = [];
  for (const name of ["once", "again"]) {
    try {
      if (vit) await runPaper(vit, { ...options, folder: join(folder, name) });
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      skip(error.message);
    }
    const files = (await readdir(join(folder, name), { recursive: true })).filter((file) => file.endsWith(".safetensors"));
    expect(files).toHaveLength(1);
    weights.push(await readFile(join(folder, name, files[0] ?? "")));
  }
  expect(weights[0]?.equals(weights[1] ?? Buffer.alloc(0))).toBe(true);
});
