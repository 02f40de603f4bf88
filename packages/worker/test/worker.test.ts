/** Models in a worker thread behave as they do here: results, progress, signals, errors. */
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { ArgumentError, CheckpointError, init, shutdown } from "@x/layers";
import * as clip from "@x/clip/auto";
import { TokenizerError } from "@x/models-nlp";
import * as nlp from "@x/models-nlp/auto";
import { ImageError } from "@x/models-vision";
import * as vision from "@x/models-vision/auto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ModelWorker, pipeline } from "../src/index.ts";
import { sentError } from "../src/errors.ts";

const packages = join(import.meta.dirname, "../..");
const vit = join(packages, "models-vision/golden/classify/vit");
const sky = join(packages, "models-vision/golden/classify/sky.jpg");
const emoji = join(packages, "clip-emoji/model");
const rerank = join(packages, "models-nlp/golden/rerank");
const sentences = join(packages, "models-nlp/golden/sentence_mpnet");

const worker = new ModelWorker({ threads: 1 });
beforeAll(() => init());
afterAll(() => {
  worker.dispose();
  shutdown();
});

describe("results are those of the main thread", () => {
  test("pictures, by path, bytes, Blob, pixels and address", async () => {
    using here = await vision.pipeline("image-classification", vit);
    using there = await worker.pipeline("image-classification", vit);
    const bytes = await readFile(sky);
    const expected = await here(sky, { topK: 2 });
    expect(await there(sky, { topK: 2 })).toEqual(expected);
    expect(await there([bytes, new Blob([bytes])], { topK: 2 })).toEqual([expected, expected]);
    expect(await there(new URL(`file://${sky}`), { topK: 2 })).toEqual(expected);
    expect(await there(new Response(bytes), { topK: 2 })).toEqual(expected);
    const pixels = { width: 2, height: 2, data: new Uint8ClampedArray(16).fill(90) };
    expect(await there(pixels)).toEqual(await here(pixels));
    expect(there.model).toMatchObject({ notes: here.model.notes, config: here.model.config });
  });

  test("CLIP's three, a reranker, and texts", async () => {
    const [hereSeen, hereZero] = await Promise.all([
      clip.pipeline("image-feature-extraction", emoji),
      clip.pipeline("zero-shot-image-classification", emoji),
    ]);
    using seen = await worker.pipeline("image-feature-extraction", emoji);
    using read = await worker.pipeline("feature-extraction", emoji);
    using zero = await worker.pipeline("zero-shot-image-classification", emoji);
    expect(await seen(sky)).toEqual(await hereSeen(sky));
    expect(await read(["sky", "dog"])).toEqual([expect.any(Float32Array), expect.any(Float32Array)]);
    const labels = ["sky", "dog", "cat"];
    expect(await zero(sky, labels, { templates: ["a {label}"] })).toEqual(await hereZero(sky, labels, { templates: ["a {label}"] }));
    using hereRanks = await nlp.pipeline("text-ranking", rerank);
    using ranks = await worker.pipeline("text-ranking", rerank);
    const passages = ["the ship", "a man", "the whale"];
    expect(await ranks("the whale", passages)).toEqual(await hereRanks("the whale", passages));
    using hereText = await nlp.pipeline("feature-extraction", sentences);
    using text = await worker.pipeline("feature-extraction", sentences);
    expect(await text("the whale")).toEqual(await hereText("the whale"));
    hereSeen.dispose();
    hereZero.dispose();
  });

  test("buffers that are given away are empty afterwards, others aren't", async () => {
    using there = await worker.pipeline("image-classification", vit);
    const [kept, given] = [new Uint8Array(await readFile(sky)), new Uint8Array(await readFile(sky))];
    expect(await there(kept)).toEqual(await there(given, { transfer: true }));
    expect([kept.byteLength > 0, given.byteLength]).toEqual([true, 0]);
  });
});

test("progress of loading and of tasks", async () => {
  const [loaded, done]: [object[], unknown[]] = [[], []];
  using there = await worker.pipeline("image-classification", vit, { onProgress: (progress) => loaded.push(progress) });
  await there([sky, sky, sky], { batchSize: 1, onProgress: (progress) => done.push(progress) });
  expect(done.length).toBeGreaterThan(1);
  expect(loaded.length).toBeGreaterThan(0);
});

describe("signals", () => {
  test("end what is under way, here with their reason and there, too", async () => {
    using there = await worker.pipeline("image-classification", vit);
    const controller = new AbortController();
    const reason = new Error("enough");
    let turns = 0;
    const many = there(
      Array.from({ length: 2000 }, () => sky),
      {
        batchSize: 1,
        signal: controller.signal,
        onProgress: () => {
          if (++turns === 2) controller.abort(reason);
        },
      },
    );
    await expect(many).rejects.toBe(reason);
    const begun = performance.now();
    await there(sky); // the worker has stopped: this doesn't wait for 2000
    expect(performance.now() - begun).toBeLessThan(5000);
    await expect(there(sky, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(worker.pipeline("image-classification", vit, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe("errors keep their class and what they say", () => {
  test("of files, pictures, texts, options", async () => {
    using there = await worker.pipeline("image-classification", vit);
    await expect(worker.pipeline("image-classification", "/nonexistent")).rejects.toThrow(CheckpointError);
    await expect(worker.pipeline("image-classification", "/nonexistent")).rejects.toMatchObject({ file: "/nonexistent" });
    await expect(there(Uint8Array.of(1, 2, 3))).rejects.toThrow(ImageError);
    const wrong = await there(sky, { topK: -1 }).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(ArgumentError);
    expect(sentError(wrong)).toMatchObject({ name: "ArgumentError", properties: { where: "classify" } });
    using text = await worker.pipeline("feature-extraction", sentences);
    await expect(text("whale ".repeat(5000), { truncation: "error" })).rejects.toThrow(TokenizerError);
    await expect(worker.pipeline("cook" as "ner", vit)).rejects.toThrow("pipeline: tasks are fill-mask");
    const options = { fetch } as object;
    await expect(worker.pipeline("ner", vit, options)).rejects.toThrow(
      "options that are functions can't go to another thread, but fetch is one",
    );
  });

  test("of a model that was disposed of, and of a worker that has ended", async () => {
    const mine = await pipeline("image-classification", vit);
    expect(await mine(sky)).toHaveLength(5);
    const late = mine(sky);
    mine.dispose();
    await expect(late).rejects.toThrow("the worker has ended: it was disposed of");
    const there = await worker.pipeline("image-classification", vit);
    there.dispose();
    there.dispose();
    await expect(there(sky)).rejects.toThrow("the model is there, but it was disposed of");
  });
});
