/**
 * `x fine-tune` of every task, killed at random moments, some in the first step, some in a save: it ends with the same files as a run that isn't.
 * `KILLS=30` kills each task as often.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesOf } from "./files-of.ts";
import { packages, writeModels } from "./models.ts";
import { x } from "./x.ts";

const KILLS = Number(process.env["KILLS"] ?? 1);
const pictures = join(packages, "models-vision/golden/classify");
const words = ["calm sea", "a storm at night", "the whale was calm", "bad weather and a storm", "fog over the ship", "the fog was bad"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "killed-tasks-"));
  await writeModels(join(folder, "models"));
});
afterAll(() => rm(folder, { recursive: true }));

const examples = {
  "classify-text": words.map((text, i) => ({ text, label: i % 2 === 0 ? "calm" : "stormy" })),
  tag: words.map((text) => ({ tokens: text.split(" "), tags: text.split(" ").map((word) => (word === "calm" ? "B-MOOD" : "O")) })),
  embed: words.map((text) => ({ anchor: text, positive: `${text} again` })),
  translate: words.map((text) => ({ source: text, target: text })),
};

async function prepared(task: string): Promise<{ readonly model: string; readonly data: string }> {
  if (task !== "classify") {
    const data = join(folder, `${task}.jsonl`);
    const rows = Array(4)
      .fill(examples[task as keyof typeof examples])
      .flat() as object[];
    await writeFile(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    return { model: join(folder, "models", task === "classify-text" ? "fill-mask" : task), data };
  }
  const data = join(folder, "pictures");
  for (const [name, kind] of [
    ["sky.jpg", "sky"],
    ["stripes.png", "stripes"],
  ] as const)
    for (let i = 0; i < 8; i++) {
      await mkdir(join(data, kind), { recursive: true });
      await cp(join(pictures, name), join(data, kind, `${i}-${name}`));
    }
  return { model: join(pictures, "vit"), data };
}

test.each(["classify-text", "tag", "embed", "translate", "classify"])(
  `${KILLS} times: %s`,
  { timeout: 120_000 + 30_000 * KILLS },
  async (task) => {
    const { model, data } = await prepared(task);
    const call = (out: string): string[] =>
      ["fine-tune", "--task", task, "--model", model, "--data", data, "--out", join(folder, out)].concat(
        "--epochs 4 --batch-size 2 --learning-rate 0.01 --save-every 3 --validation-share 0.2 --simd plain --json".split(" "),
      );
    const begun = performance.now();
    expect((await x([...call(`${task}-whole`), "--threads", "1"])).code).toBe(0);
    const took = performance.now() - begun;
    const whole = await filesOf(join(folder, `${task}-whole`));
    let [kills, runs] = [0, 0];
    while (kills < KILLS) {
      const out = `${task}-${runs++}`;
      for (let code: number | null = null; code === null;) {
        // Later attempts are spared, so that a run ends even where each is killed.
        const killAfter = kills < KILLS ? (0.3 + 0.7 * Math.random()) * took : undefined;
        const ended = await x([...call(out), "--threads", String(1 + (kills % 2))], { killAfter });
        code = ended.code;
        if (code === null) kills++;
        else expect([code, ended.err]).toEqual([0, ""]);
      }
      expect(await filesOf(join(folder, out)), `run ${runs}`).toEqual(whole);
    }
  },
);
