/** What the hub's cache holds, told and removed. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveHub } from "@x/testing";
import { expect, test } from "vitest";
import { cachedRepositories, clearCache } from "../../src/index.ts";
import { openSource } from "../../src/model.ts";

test("repositories with their bytes; what is cleared is gone, and is loaded anew", async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), "x-cached-"));
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const files = (length: number): Record<string, Uint8Array<ArrayBuffer>> => ({
    "config.json": new TextEncoder().encode("{}"),
    "model.safetensors": new Uint8Array(length),
  });
  await using hub = await serveHub({ "a/one": { commit, files: files(100) }, "b/two": { commit, files: files(5000) } });
  const progress: string[] = [];
  const options = { cacheDir, hubUrl: hub.url, onProgress: ({ file }: { file: string }) => progress.push(file) };
  expect(await cachedRepositories({ cacheDir })).toEqual([]);
  for (const name of ["a/one", "b/two"]) await (await openSource(name, options)).prepare?.(["config.json", "model.safetensors"]);
  expect(new Set(progress), "of weights alone").toEqual(new Set(["model.safetensors"]));
  const [one, two] = [
    { repository: "a/one", bytes: 102, files: 2 },
    { repository: "b/two", bytes: 5002, files: 2 },
  ];
  expect(await cachedRepositories({ cacheDir })).toEqual([one, two]);
  expect(await clearCache({ cacheDir, repositories: ["b/two", "c/three"] })).toEqual([two]);
  expect(await cachedRepositories({ cacheDir })).toEqual([one]);
  expect(await (await openSource("b/two", options)).readText("config.json")).toBe("{}");
  expect((await clearCache({ cacheDir })).map(({ repository }) => repository)).toEqual(["a/one", "b/two"]);
  expect(await readdir(cacheDir)).toEqual([]);
  await rm(cacheDir, { recursive: true });
});
