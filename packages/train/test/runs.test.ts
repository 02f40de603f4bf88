/** Runs: LoRA, blocks that are made again, places other than folders, disks that are full, thousands of steps. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { init, Linear, liveBytes, LoRA, openCheckpoint, Rng } from "@x/layers";
import { checkForLeaks } from "@x/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BertForSequenceClassification, type TextBatch } from "../../models-nlp/src/index.ts";
import {
  type ClassifiedText,
  directoryStorage,
  evaluate,
  featuresOf,
  fit,
  type FitOptions,
  linearProbe,
  type RunStorage,
  textClassification,
} from "../src/index.ts";
import { memoryDirectory } from "./directory.ts";
import { net, type Point, pointObjective, points, weightsHash } from "./tiny.ts";

beforeAll(() => init({ threads: 1, simd: "plain" }));
checkForLeaks();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "runs-"));
});
afterEach(() => rm(folder, { recursive: true }));

const bert = (dropout = 0) =>
  BertForSequenceClassification.fromPretrained(fileURLToPath(new URL("../golden/classify_single", import.meta.url)), {
    config: { hiddenDropoutProb: dropout, attentionProbsDropoutProb: dropout },
    rng: new Rng(4),
  });
const mails: readonly ClassifiedText[] = [
  "the boat is good",
  "the boat is bad",
  "call me",
  "the fox",
  "it was good",
  "it was bad weather",
].map((text) => ({
  text,
  label: text.includes("good") ? "good" : text.includes("bad") ? "bad" : "neither",
}));

describe("a LoRA", () => {
  /** Stops after `stop` steps, and goes on in a model that is made anew. */
  async function trained(run: string | undefined, stop?: number): Promise<string> {
    using model = await bert();
    const before = weightsHash(model);
    const adapter = LoRA.attach(model, {
      rank: 2,
      alpha: 4,
      dropout: 0.2,
      rng: new Rng(6),
      targetModules: ["query", "value"],
      modulesToSave: ["classifier"],
    });
    const onStep = ({ step }: { readonly step: number }) => (step === stop ? ("stop" as const) : undefined);
    await fit(textClassification(model), mails, { adapter, epochs: 10, batchSize: 2, learningRate: 1e-2, run, onStep });
    const hash = [...adapter.namedParameters()].map(([name, { data }]) => `${name} ${data.join()}`).join("\n");
    adapter.detach();
    expect(weightsHash(model), "the model itself stays as it is").toBe(before);
    return hash;
  }

  test("alone is trained and kept, and goes on with its dropout's draws", async () => {
    const whole = await trained(undefined);
    expect(whole).toContain("lora_A");
    await trained(folder, 13);
    const [name = ""] = (await readdir(folder)).filter((file) => file.endsWith(".safetensors"));
    const kept = [...(await openCheckpoint(join(folder, name))).entries.keys()].filter((key) => key.startsWith("weights."));
    expect(kept.every((key) => /lora_|classifier/.test(key))).toBe(true);
    expect(await trained(folder)).toBe(whole);
  });

  test("beside another: each is trained by itself, and an evaluation says which is better", async () => {
    using model = await bert();
    const objective = textClassification(model);
    const before = await evaluate(objective, mails);
    const losses: number[] = [];
    const adapters = [1, 2].map((seed) => {
      const adapter = LoRA.attach(model, { rank: 2, targetModules: ["query", "value"], modulesToSave: ["classifier"], rng: new Rng(seed) });
      adapter.disable();
      return adapter;
    });
    for (const [i, adapter] of adapters.entries()) {
      adapter.enable();
      await fit(objective, mails, { adapter, epochs: [1, 20][i], batchSize: 2, learningRate: 1e-2, run: join(folder, `${i}`) });
      losses.push((await evaluate(objective, mails)).loss);
      adapter.disable();
    }
    expect(losses[1]).toBeLessThan(0.5 * (losses[0] ?? 0));
    expect(await evaluate(objective, mails), "without them the model is as before").toEqual(before);
    for (const [i, adapter] of adapters.entries()) {
      adapter.enable();
      expect((await evaluate(objective, mails)).loss, "trained apart, compared side by side").toBe(losses[i]);
      adapter.detach();
    }
  });

  test("that nobody speaks of, or that isn't at work, is missed", async () => {
    using model = await bert();
    const adapter = LoRA.attach(model, { rank: 2 });
    await expect(fit(textClassification(model), mails)).rejects.toThrow(
      "(of a model with a LoRA, give that as adapter), but every parameter is frozen",
    );
    adapter.merge();
    await expect(fit(textClassification(model), mails, { adapter })).rejects.toThrow("beside the weights, but it is merged: unmerge() it");
    adapter.unmerge();
    adapter.disable();
    await expect(fit(textClassification(model), mails, { adapter })).rejects.toThrow("beside the weights, but it is disabled: enable() it");
    adapter.detach();
  });
});

test("blocks that are made again on the way back learn the same in less memory", async () => {
  const found = [];
  for (const blocks of ["kept", "recomputed"] as const) {
    using model = await bert(0.1);
    const objective = textClassification(model);
    let memory = 0;
    const watched: typeof objective = {
      ...objective,
      loss(batch) {
        const before = liveBytes();
        const outcome = objective.loss(batch);
        memory = Math.max(memory, liveBytes() - before);
        return outcome;
      },
    };
    const { history } = await fit(watched, mails, { epochs: 10, batchSize: 6, learningRate: 1e-2, blocks });
    found.push({ losses: history.map((entry) => ("loss" in entry ? entry.loss : NaN)), memory });
  }
  const [kept, recomputed] = found;
  for (const [i, loss] of (recomputed?.losses ?? []).entries()) expect(loss).toBeCloseTo(kept?.losses[i] ?? 0, 3);
  expect(recomputed?.memory).toBeLessThan(0.5 * (kept?.memory ?? 0));
});

test("a linear layer on a frozen model's features", async () => {
  using model = await bert();
  const features = await featuresOf(textClassification(model), mails, ({ text }) => model.pool(model.encode(text as TextBatch)), {
    batchSize: 4,
  });
  expect(features.map(({ features: row, label }) => [row.length, label])).toEqual(mails.map(({ label }) => [16, label]));
  using head = new Linear(16, 3).initialize(new Rng(1));
  const objective = linearProbe(head, model.config);
  const before = weightsHash(model);
  await fit(objective, features, { epochs: 300, learningRate: 0.1 });
  expect(await evaluate(objective, features)).toMatchObject({ accuracy: 1, classes: { good: { support: 2 } } });
  expect(weightsHash(model)).toBe(before);
});

const data = (): Point[] => points(100, 1);
async function learned(options: FitOptions<Point>): Promise<string> {
  using model = net();
  await fit(pointObjective(model), data(), { learningRate: 1e-2, batchSize: 10, validation: points(30, 2), ...options });
  return weightsHash(model);
}

test("a run in a directory handle: a page's own folder", async () => {
  const files = new Map<string, Blob>();
  const whole = await learned({});
  await learned({ run: memoryDirectory(files), onStep: ({ step }) => (step === 17 ? "stop" : undefined) });
  expect([...files.keys()].filter((name) => name.endsWith(".safetensors")).length).toBeGreaterThan(0);
  expect(await learned({ run: memoryDirectory(files) })).toBe(whole);
  const lines = (await files.get("history.jsonl")?.text())?.trimEnd().split("\n") ?? [];
  expect(lines.map((line) => (JSON.parse(line) as { step: number }).step).at(-1)).toBe(30);
});

test("a disk that is full loses nothing: the checkpoints of before are there, and the run goes on from them", async () => {
  const files = new Map<string, Blob>();
  const storage = directoryStorage(memoryDirectory(files));
  let saves = 0;
  const full: RunStorage = {
    ...storage,
    async saveTensors(...parts) {
      if (++saves === 3) throw new Error("ENOSPC: no space left on device");
      await storage.saveTensors(...parts);
    },
  };
  await expect(learned({ run: full, saveEvery: 4 })).rejects.toThrow("no space left");
  const kept = [...files.keys()].filter((name) => name.endsWith(".safetensors"));
  expect(kept.length).toBe(2);
  expect(await learned({ run: storage, saveEvery: 4 })).toBe(await learned({}));
});

test("a record that was cut off, before any checkpoint or between two, holds nothing up", async () => {
  const whole = await learned({});
  for (const begun of ['{"step":1,"epo', '{"step":1,"epo{"step":2}\n', "null\n{}\n1\n"]) {
    const files = new Map([["history.jsonl", new Blob([begun])]]);
    expect(await learned({ run: memoryDirectory(files), saveEvery: 4 })).toBe(whole);
    const first = (await files.get("history.jsonl")?.text())?.split("\n")[0] ?? "";
    expect(JSON.parse(first)).toMatchObject({ step: 1, epoch: expect.any(Number) });
    files.set("history.jsonl", new Blob([(await files.get("history.jsonl")?.text()) ?? "", '{"step":9,"los{"step":9}\n']));
    expect(await learned({ run: memoryDirectory(files), saveEvery: 4 })).toBe(whole);
  }
});

test("an old checkpoint goes only after the new one is whole", async () => {
  const storage = directoryStorage(memoryDirectory());
  const calls: string[] = [];
  const told: RunStorage = {
    ...storage,
    saveTensors: async (name, ...rest) => {
      await storage.saveTensors(name, ...rest);
      calls.push(`saved ${name}`);
    },
    remove: async (name) => {
      calls.push(`removed ${name}`);
      await storage.remove(name);
    },
  };
  using model = net();
  await fit(pointObjective(model), data(), { steps: 4, saveEvery: 1, keep: 1, run: told });
  const name = (step: number): string => `checkpoint-0000000${step}.safetensors`;
  expect(calls).toEqual([1, 2, 3, 4].flatMap((step) => [`saved ${name(step)}`, ...(step > 1 ? [`removed ${name(step - 1)}`] : [])]));
});

test("nothing grows over 2000 steps", { timeout: 120_000 }, async () => {
  using model = net();
  const bytes: number[] = [];
  await fit(pointObjective(model), data(), {
    steps: 2000,
    batchSize: 4,
    averageDecay: 0.99,
    onStep: ({ step }) => void (step % 100 === 0 && bytes.push(liveBytes())),
  });
  expect(new Set(bytes).size).toBe(1);
});

test("an abort ends it between two steps with its reason, and leaves nothing behind", async () => {
  using model = net();
  const controller = new AbortController();
  const aborted = fit(pointObjective(model), data(), {
    onStep: ({ step }) => void (step === 3 && controller.abort(new Error("enough"))),
    signal: controller.signal,
  });
  await expect(aborted).rejects.toThrow("enough");
  expect(model.training).toBe(false);
});

describe("a run's place", () => {
  const once = async (run: FitOptions<Point>["run"], onStep?: FitOptions<Point>["onStep"]): Promise<string> => {
    using model = net();
    await fit(pointObjective(model), points(30, 2), { epochs: 3, batchSize: 5, learningRate: 1e-2, saveEvery: 2, run, onStep });
    return weightsHash(model);
  };

  test.each([
    ["a folder", () => folder],
    ["a directory handle", () => memoryDirectory()],
  ])("%s that another training goes on with is left to it, whose end is the same", async (_, place) => {
    const where = place();
    const whole = await once(undefined);
    let [second, steps] = ["", 0];
    const first = once(where, async ({ step }) => {
      steps = step;
      if (step === 5) second = await once(where);
      return undefined;
    });
    await expect(first).rejects.toThrow(/one training at a time works on a run, but another goes on with this one/);
    expect(steps).toBe(5); // the sixth was refused when it was to be written down
    expect(second).toBe(whole);
    expect(await once(where)).toBe(whole);
  });

  test("that can't be a folder is named", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    for (const run of [file, join(file, "run")]) await expect(once(run)).rejects.toThrow(`${run}: can't be a run's folder`);
  });
});
