/** The hub's files in a folder of a browser's. The fake one does what the specification says of files: what is written counts once they are closed. */
import { serveHub, sha256 } from "@x/testing";
import { afterEach, expect, test, vi } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { encodeSafetensors } from "../../src/checkpoint/save-safetensors.ts";
import { cachedRepositories, clearCache } from "../../src/files/cached.ts";
import { readAll } from "./helpers.ts";

vi.mock("#platform", () => import("../../src/files/platform/browser.ts"));
afterEach(() => vi.unstubAllGlobals());

type Entry = { bytes: Uint8Array<ArrayBuffer> } | Map<string, Entry>;

const missing = (): never => {
  throw new DOMException("no such entry", "NotFoundError");
};

/** @param writes counts what is written */
function folder(entries: Map<string, Entry>, writes: { bytes: number }, name = ""): object {
  const entry = (path: string, create: boolean | undefined, made: () => Entry): Entry => {
    if (!entries.has(path) && create !== true) missing();
    const found = entries.get(path) ?? made();
    entries.set(path, found);
    return found;
  };
  return {
    kind: "directory",
    name,
    entries: async function* () {
      for (const path of entries.keys()) yield [path];
    },
    getDirectoryHandle: async (path: string, options?: { create?: boolean }) => {
      const found = entry(path, options?.create, () => new Map());
      return found instanceof Map ? folder(found, writes, path) : missing();
    },
    getFileHandle: async (path: string, options?: { create?: boolean }) => {
      const found = entry(path, options?.create, () => ({ bytes: new Uint8Array(0) }));
      if (found instanceof Map) return missing();
      return {
        getFile: async () => new File([found.bytes], path),
        createWritable: async (kept?: { keepExistingData?: boolean }) => {
          let bytes = kept?.keepExistingData === true ? found.bytes.slice() : new Uint8Array(0);
          const grown = (size: number): void => {
            const next = new Uint8Array(size);
            next.set(bytes.subarray(0, size));
            bytes = next;
          };
          return {
            write: async (part: string | { position: number; data: Uint8Array }) => {
              const [at, data] = typeof part === "string" ? [0, new TextEncoder().encode(part)] : [part.position, part.data];
              if (at + data.length > bytes.length) grown(at + data.length);
              bytes.set(data, at);
              writes.bytes += data.length;
            },
            truncate: async (size: number) => grown(size),
            close: async () => void (found.bytes = bytes),
            abort: async () => undefined,
          };
        },
      };
    },
    removeEntry: async (path: string) => void (entries.delete(path) || missing()),
  };
}

test("a folder as the cache: kept, found, gone on with where a visit broke off, checked, told and cleared", async () => {
  const numbers = Float32Array.from({ length: 300_000 }, (_, i) => i % 1000);
  const model = new Uint8Array(await encodeSafetensors(new Map([["a", { shape: [300_000], view: () => numbers }]])).arrayBuffer());
  const commit = "a".repeat(40);
  const behaviour = { stallAfter: 700_000 };
  const repository = { files: { "model.safetensors": model }, large: ["model.safetensors"], commit, behaviour };
  await using hub = await serveHub({ "owner/name": repository });
  const entries = new Map<string, Entry>();
  const writes = { bytes: 0 };
  const cacheDir = folder(entries, writes) as FileSystemDirectoryHandle;
  const options = { hubUrl: hub.url, cacheDir };
  const whole = async () => (await readAll(await openCheckpoint("owner/name", options)))["a"]?.data;
  const ranges = () => hub.cdn.seen.splice(0).map(({ range }) => range);

  const controller = new AbortController();
  const onProgress = ({ loaded }: { loaded: number }): void => void (loaded > 600_000 && controller.abort(new Error("enough")));
  await expect(openCheckpoint("owner/name", { ...options, signal: controller.signal, onProgress })).rejects.toThrow("enough");
  const [begun] = await cachedRepositories({ cacheDir });
  expect(begun?.bytes).toBeGreaterThan(600_000);
  expect(begun?.bytes).toBeLessThan(model.length);
  expect(ranges()).toEqual([undefined]);

  Object.assign(repository, { behaviour: {} });
  writes.bytes = 0;
  expect(await whole()).toEqual([...numbers]);
  expect(ranges()).toEqual([`bytes=${begun?.bytes}-${model.length - 1}`]);
  expect(writes.bytes, "the rest, and two pointers").toBeLessThan(model.length - (begun?.bytes ?? 0) + 200);
  expect(await whole()).toEqual([...numbers]);
  expect(ranges()).toEqual([]);
  expect(await cachedRepositories({ cacheDir })).toEqual([{ repository: "owner/name", bytes: model.length, files: 1 }]);

  // What isn't the file's is found out by the hash, once the rest has come.
  const room = entries.get("huggingface-hub") as Map<string, Map<string, Map<string, Entry>>>;
  room
    .get("owner%2Fname")
    ?.get("blobs")
    ?.set(sha256(model), { bytes: new Uint8Array(500_000) });
  expect(await whole()).toEqual([...numbers]);
  expect(ranges()).toEqual([`bytes=500000-${model.length - 1}`, undefined]);

  expect((await clearCache({ cacheDir })).map(({ repository: name }) => name)).toEqual(["owner/name"]);
  expect(await cachedRepositories({ cacheDir })).toEqual([]);
  expect(await whole()).toEqual([...numbers]);
});

test("a folder that nothing can be written to: read all the same", async () => {
  const files = { "model.safetensors": new Uint8Array(await encodeSafetensors(new Map()).arrayBuffer()) };
  await using hub = await serveHub({ "owner/name": { files, commit: "a".repeat(40) } });
  const cacheDir = { kind: "directory", name: "full", getDirectoryHandle: missing } as object as FileSystemDirectoryHandle;
  expect((await openCheckpoint("owner/name", { hubUrl: hub.url, cacheDir })).entries.size).toBe(0);
});
