import { gitId, serveHub, sha256 } from "@x/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { encodeSafetensors, saveSafetensors } from "../../src/checkpoint/save-safetensors.ts";
import { readText } from "../../src/files/source-file.ts";
import { verified } from "../../src/files/verified.ts";
import { openSource } from "../../src/files/source.ts";
import { browserHubCache } from "../../src/files/platform/browser-hub-cache.ts";
import { platform } from "../../src/files/platform/browser.ts";
import { memory, readAll } from "./helpers.ts";

vi.mock("#platform", () => import("../../src/files/platform/browser.ts"));

// The parts of a browser that Node lacks, as their specifications have them. The same code also runs in real browsers.

const kept = new Map<string, Blob>();

const fakeCaches = {
  open: async () => ({
    match: async (key: string) => (kept.has(key) ? new Response(kept.get(key)) : undefined),
    put: async (key: string, response: Response) => void kept.set(key, await response.blob()),
    keys: async () => [...kept.keys()].map((url) => ({ url })),
  }),
};

beforeEach(() => {
  kept.clear();
  vi.stubGlobal("caches", fakeCaches);
});
afterEach(() => vi.unstubAllGlobals());

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

const file = { name: "1_Pooling/config ü.json", size: 5, etag: gitId(new TextEncoder().encode("hello")) };

test("the browser's cache keeps whole files only, by repository, commit and name", async () => {
  const cache = browserHubCache("owner/name");
  if (!cache) throw new Error("a cache expected");
  const stored = await cache.store("c1", file, () => chunks("he", "llo"));
  expect(stored && (await readText(stored))).toBe("hello");
  expect(await cache.list("c1")).toEqual([file.name]);
  expect([await cache.find("c2", file.name), await cache.list("c"), await browserHubCache("owner/nam")?.find("c1", file.name)]).toEqual([
    undefined,
    [],
    undefined,
  ]);
  await browserHubCache("owner")?.remember("refs/main", "c9");
  expect(await browserHubCache("owner/refs")?.commitOf("main")).toBeUndefined();

  await cache.remember("refs/pr/1", "c1");
  expect([await cache.commitOf("refs/pr/1"), await cache.commitOf("main")]).toEqual(["c1", undefined]);

  const other = { ...file, name: "other" };
  await expect(cache.store("c1", other, () => verified(other, chunks("hell"), platform.hasher))).rejects.toThrow(
    "other: the download has another size (expected 5 bytes, found 4)",
  );
  await expect(cache.store("c1", other, () => verified(other, chunks("hullo"), platform.hasher))).rejects.toThrow(
    `other: the download is damaged (expected git's SHA-1 ${file.etag}, found ${gitId(new TextEncoder().encode("hullo"))})`,
  );
  const large = { ...other, etag: sha256(new TextEncoder().encode("hello")) };
  await expect(cache.store("c1", large, () => verified(large, chunks("hullo"), platform.hasher))).rejects.toThrow(
    `other: the download is damaged (expected SHA-256 ${large.etag}, found ${sha256(new TextEncoder().encode("hullo"))})`,
  );
  const reason = new Error("enough");
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(2);
    throw reason;
  }
  await expect(cache.store("c1", other, () => failing())).rejects.toBe(reason);
  expect(await cache.find("c1", "other")).toBeUndefined();
});

test("without the Cache API nothing is kept, and there is neither disk nor environment", async () => {
  vi.stubGlobal("caches", undefined);
  expect([await platform.hubCache("owner/name", undefined), platform.files, platform.environment("HOME")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

/** An in-memory folder whose writables replace a file when they are closed. @param operate is called, and awaited, before whatever is written */
function folder(name = "models", operate: () => Promise<void> = async () => undefined) {
  const files = new Map<string, Blob>();
  const notFound = (): never => {
    throw new DOMException("no such entry", "NotFoundError");
  };
  const handle = (path: string) => ({
    kind: "file",
    getFile: async () => files.get(path),
    createWritable: async () => {
      const parts: BlobPart[] = [];
      return {
        write: async (part: BlobPart) => {
          await operate();
          parts.push(part);
        },
        close: async () => {
          await operate();
          files.set(path, new Blob(parts));
        },
        abort: async () => undefined,
      };
    },
  });
  return {
    kind: "directory",
    name,
    entries: async function* () {
      for (const path of files.keys()) yield [path, handle(path)];
    },
    getDirectoryHandle: notFound,
    getFileHandle: async (path: string, options?: { create?: boolean }) => {
      if (!files.has(path) && options?.create !== true) notFound();
      if (!files.has(path)) {
        await operate();
        files.set(path, new Blob());
      }
      return handle(path);
    },
    removeEntry: async (path: string) => {
      await operate();
      files.delete(path);
    },
    files,
  };
}

/** The folder as the type that the library wants: only what it uses is there. */
function asHandle(fake: ReturnType<typeof folder>): FileSystemDirectoryHandle {
  const handle: object = fake;
  return handle as FileSystemDirectoryHandle;
}

test("a directory handle: saved in shards, read back, replaced; an abort leaves what was there", async () => {
  const directory = folder();
  const where = asHandle(directory);
  const tensors = new Map([1, 2, 3].map((size) => [`t${size}`, memory([size])]));
  await saveSafetensors(tensors, where, { maxShardBytes: 12 });
  expect([...directory.files.keys()]).toEqual([
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
  ]);
  expect(Object.keys(await readAll(await openCheckpoint(where)))).toEqual(["t1", "t2", "t3"]);

  await saveSafetensors(tensors, where);
  expect([...directory.files.keys()]).toEqual(["model.safetensors"]);
  const controller = new AbortController();
  const saving = saveSafetensors(tensors, where, {
    maxShardBytes: 1,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await expect(saving).rejects.toThrow("enough");
  expect([...directory.files.keys()]).toEqual(["model.safetensors"]);

  const source = await openSource(where);
  expect([await source.has("config.json"), await source.has("a/config.json"), await source.list?.()]).toEqual([
    false,
    false,
    ["model.safetensors"],
  ]);
  await expect(source.open("config.json")).rejects.toThrow('models: there is no "config.json"');
});

test("a page that is closed, or a write that fails, at any operation of a save: the old, the new, or a clear error", async () => {
  const model = (value: number) =>
    new Map([1, 2, 3].map((size) => [`t${size}`, { ...memory([size]), view: () => new Float32Array(size).fill(value) }]));
  const alongside = (value: number) => new Map([["config.json", JSON.stringify({ value })]]);
  const outcomes = new Set<string>();
  vi.stubGlobal("navigator", {}); // whose lock goes with the page
  for (const end of ["the page is closed", "the write fails"]) {
    for (let last = 0, reached = true; reached; last++) {
      let [operations, isArmed] = [0, false];
      const directory = folder("models", async () => {
        if (!isArmed || operations++ !== last) return;
        if (end === "the write fails") throw new DOMException("no room", "QuotaExceededError");
        await new Promise(() => undefined);
      });
      const where = asHandle(directory);
      await saveSafetensors(model(1), where, { alongside: alongside(1), maxShardBytes: 12 });
      isArmed = true;
      const saving = saveSafetensors(model(2), where, { alongside: alongside(2) }).catch((error: unknown) => error);
      await Promise.race([saving, new Promise((resolve) => setTimeout(resolve, 20))]);
      isArmed = false;
      reached = operations > last;
      const read = async (): Promise<string> => {
        const source = await openSource(where);
        const config = JSON.parse(await source.readText("config.json")) as { value: number };
        const numbers = Object.values(await readAll(await openCheckpoint(source))).flatMap(({ data }) => data as number[]);
        return [...new Set([config.value, ...numbers])].join();
      };
      const found = await read().catch((error: unknown) => String(error));
      outcomes.add(found.length > 3 ? "an error" : found);
      if (found.length > 3) expect(found).toMatch(/a save from a browser was broken off/);
      else expect(["1", "2"]).toContain(found);
      await saveSafetensors(model(3), where, { alongside: alongside(3), maxShardBytes: 12 });
      expect(await read()).toBe("3");
      expect([...directory.files.keys()].filter((path) => path.startsWith("."))).toEqual([]);
    }
  }
  expect([...outcomes].sort()).toEqual(["1", "2", "an error"]);
});

test("the hub from a browser: kept in its cache, or, without one, read in parts", async () => {
  const numbers = Float32Array.from({ length: 300_000 }, (_, i) => i % 1000);
  const model = new Uint8Array(await encodeSafetensors(new Map([["a", { shape: [300_000], view: () => numbers }]])).arrayBuffer());
  await using hub = await serveHub({
    "owner/name": { files: { "model.safetensors": model }, large: ["model.safetensors"], commit: "a".repeat(40) },
  });
  const options = { hubUrl: hub.url };
  const whole = async () => (await readAll(await openCheckpoint("owner/name", options)))["a"]?.data;
  expect(await whole()).toEqual([...numbers]);
  expect(hub.cdn.seen.at(-1)?.range).toBeUndefined();
  const before = hub.cdn.seen.length;
  expect(await whole()).toEqual([...numbers]);
  expect(hub.cdn.seen.length).toBe(before);

  vi.stubGlobal("caches", undefined);
  expect(await whole()).toEqual([...numbers]);
  expect(hub.cdn.seen.length).toBeGreaterThan(before);
  expect(hub.cdn.seen.at(-1)?.range).toMatch(/^bytes=\d+-1200\d\d\d$/);
  await expect(openCheckpoint("owner/name", { offline: true })).rejects.toThrow(
    "owner/name (revision main; offline, and nothing is kept here): no checkpoint is there",
  );
  await expect(saveSafetensors(new Map(), "/here")).rejects.toThrow(
    "/here: there are no files on disk here; save to a directory handle or a stream",
  );
});
