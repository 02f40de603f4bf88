import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gitId, type Repository, serveHub, sha256 } from "@x/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { filesToLoad } from "../../src/checkpoint/files-to-load.ts";
import { openSource } from "../../src/files/source.ts";
import { floats, memory, readAll, safetensors } from "./helpers.ts";

const sizes = Float32Array.from({ length: 100_000 }, (_, i) => i % 1000);
const big = safetensors({ big: { dtype: "F32", shape: [100_000], data_offsets: [0, 400_000] } }, new Uint8Array(sizes.buffer));
const small = safetensors({ small: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, floats(1, 2));
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const commit = "0123456789abcdef0123456789abcdef01234567";
const id = "google/vit-tiny";

const repository = (more: Partial<Repository> = {}): Repository => ({
  files: { "model.safetensors": big, "config.json": utf8('{"a":1}'), "1_Pooling/config.json": utf8("{}") },
  large: ["model.safetensors"],
  commit,
  ...more,
});

let cacheDir = "";
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "hub-"));
  for (const name of ["HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE"])
    vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cacheDir, { recursive: true });
});

const place = (...parts: string[]): string => join(cacheDir, "models--google--vit-tiny", ...parts);
const filesIn = async (path: string): Promise<string[]> => (existsSync(path) ? (await readdir(path)).toSorted() : []);

test("a repository by its name: downloaded once, in Python's layout, then read from the cache", async () => {
  await using hub = await serveHub({ [id]: repository() });
  const options = { hubUrl: hub.url, cacheDir };
  expect((await readAll(await openCheckpoint(id, options)))["big"]?.data).toEqual([...sizes]);
  const source = await openSource(id, options);
  expect(await source.readText("config.json")).toBe('{"a":1}');
  expect(await source.readText("1_Pooling/config.json")).toBe("{}");
  expect(await source.list?.()).toEqual(["model.safetensors", "config.json", "1_Pooling/config.json"]);
  expect(await source.has("pytorch_model.bin")).toBe(false);

  expect(await readFile(place("refs", "main"), "utf8")).toBe(commit);
  expect(await readlink(place("snapshots", commit, "model.safetensors"))).toBe(`../../blobs/${sha256(big)}`);
  expect(await readlink(place("snapshots", commit, "1_Pooling", "config.json"))).toBe(`../../../blobs/${gitId(utf8("{}"))}`);
  expect(await filesIn(place("blobs"))).toEqual([sha256(big), gitId(utf8('{"a":1}')), gitId(utf8("{}"))].toSorted());

  const before = hub.cdn.seen.length;
  await readAll(await openCheckpoint(id, options));
  await readAll(await openCheckpoint(id, { ...options, revision: commit }));
  expect(hub.cdn.seen.length).toBe(before);
});

const python = process.env["REFERENCE_PYTHON"] ?? "";

// Only where REFERENCE_PYTHON names a Python that has huggingface_hub.
test.skipIf(python === "")("Python's library finds what we downloaded", async () => {
  await using hub = await serveHub({ [id]: repository() });
  await openCheckpoint(id, { hubUrl: hub.url, cacheDir });
  const script = `
from huggingface_hub import hf_hub_download, scan_cache_dir
print(hf_hub_download("${id}", "model.safetensors", cache_dir="${cacheDir}", local_files_only=True))
info = scan_cache_dir("${cacheDir}")
print(info.size_on_disk, len(info.warnings), [(r.repo_id, [(v.commit_hash, sorted(v.refs)) for v in r.revisions]) for r in info.repos])
`;
  const { stdout } = await promisify(execFile)(python, ["-c", script], { env: { ...process.env, HF_HUB_OFFLINE: "1" } });
  expect(stdout.trim().split("\n")).toEqual([
    place("snapshots", commit, "model.safetensors"),
    `${big.length} 0 [('${id}', [('${commit}', ['main'])])]`,
  ]);
});

test("branches, tags and pull requests", async () => {
  await using hub = await serveHub({ [id]: repository() });
  for (const revision of ["v1", "refs/pr/1"]) {
    await openCheckpoint(id, { hubUrl: hub.url, cacheDir, revision });
    expect(await readFile(place("refs", revision), "utf8")).toBe(commit);
  }
  await expect(openCheckpoint(id, { hubUrl: hub.url, cacheDir, revision: "none" })).rejects.toThrow(
    `${id} (revision none): the hub refuses the repository (404): there is no such repository or revision`,
  );
  await expect(openCheckpoint(id, { hubUrl: hub.url, cacheDir, revision: "../../x" })).rejects.toThrow("is refused");
});

test("a branch that moved on brings the new files", async () => {
  const moving = repository();
  await using hub = await serveHub({ [id]: moving });
  await openCheckpoint(id, { hubUrl: hub.url, cacheDir });
  moving.commit = "f".repeat(40);
  await openCheckpoint(id, { hubUrl: hub.url, cacheDir });
  expect(await filesIn(place("snapshots"))).toEqual([commit, "f".repeat(40)]);
  expect((await filesIn(place("blobs"))).length).toBe(1); // the same content is kept once
});

test("environment variables: endpoint, token, cache folders, offline", async () => {
  await using hub = await serveHub({ [id]: repository({ token: "hf_secret" }) });
  vi.stubEnv("HF_ENDPOINT", `${hub.url}/`);
  vi.stubEnv("HF_HOME", cacheDir);
  await expect(openCheckpoint(id)).rejects.toThrow(
    "(403): it doesn't exist, or is private or gated: accept its terms on its page and give a token",
  );
  vi.stubEnv("HF_TOKEN", "hf_secret");
  await openCheckpoint(id);
  expect(existsSync(join(cacheDir, "hub", "models--google--vit-tiny"))).toBe(true);
  // The token goes to the hub and not to where it redirects to.
  expect(hub.seen.at(-1)?.authorization).toBe("Bearer hf_secret");
  expect(hub.cdn.seen.map(({ authorization }) => authorization)).not.toContain("Bearer hf_secret");
  vi.stubEnv("HF_HUB_CACHE", join(cacheDir, "other"));
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  const requests = hub.seen.length;
  await expect(openCheckpoint(id)).rejects.toThrow(
    `${id} (revision main; offline, looked for in ${join(cacheDir, "other", "models--google--vit-tiny")}): the repository or this revision was never loaded here`,
  );
  vi.stubEnv("HF_HUB_CACHE", join(cacheDir, "hub"));
  expect((await openCheckpoint(id)).entries.size).toBe(1);
  expect(hub.seen.length).toBe(requests);
});

test("offline: a file that was never loaded is named, with where it was looked for", async () => {
  await using hub = await serveHub({ [id]: repository() });
  await openCheckpoint(id, { hubUrl: hub.url, cacheDir });
  const source = await openSource(id, { cacheDir, offline: true });
  expect(await source.list?.()).toEqual(["model.safetensors"]);
  await expect(source.readText("config.json")).rejects.toThrow(
    `${id} (revision main; offline, looked for in ${place()}): there is no "config.json"`,
  );
});

test("a cache that Python wrote is reused without a request", async () => {
  await mkdir(place("blobs"), { recursive: true });
  await mkdir(place("snapshots", commit), { recursive: true });
  await mkdir(place("refs"));
  await writeFile(place("refs", "main"), commit);
  await writeFile(place("blobs", sha256(small)), small);
  await symlink(`../../blobs/${sha256(small)}`, place("snapshots", commit, "model.safetensors"));
  expect(await readAll(await openCheckpoint(id, { cacheDir, offline: true }))).toEqual({ small: { shape: [2], data: [1, 2] } });
});

test("an unreachable hub: what was last seen is used", async () => {
  {
    await using hub = await serveHub({ [id]: repository() });
    await openCheckpoint(id, { hubUrl: hub.url, cacheDir });
  }
  const gone = { hubUrl: "http://127.0.0.1:9", cacheDir };
  expect((await openCheckpoint(id, gone)).entries.size).toBe(1);
  await expect((await openSource(id, gone)).readText("config.json")).rejects.toThrow("; offline, looked for in");
  await expect(openCheckpoint("google/other", gone)).rejects.toThrow(
    "google/other (revision main): the repository can't be loaded from the hub",
  );
});

test("a repository that doesn't exist", async () => {
  await using hub = await serveHub({});
  await expect(openCheckpoint("no/where", { hubUrl: hub.url, cacheDir })).rejects.toThrow(
    "the hub refuses the repository (401): it doesn't exist, or is private or gated",
  );
  expect(await filesIn(cacheDir)).toEqual([]);
});

test("dropped connections are resumed, and what arrives is checked", async () => {
  let drops = 4;
  const dropping = repository({ behaviour: { dropAfter: () => (drops-- > 0 ? 100_000 : undefined) } });
  await using hub = await serveHub({ [id]: dropping });
  expect((await readAll(await openCheckpoint(id, { hubUrl: hub.url, cacheDir })))["big"]?.data).toEqual([...sizes]);
  expect(hub.cdn.seen.length).toBeGreaterThan(4);
});

test("a damaged download is refused and leaves nothing", async () => {
  const wrong = big.slice();
  const files = { "model.safetensors": big };
  await using hub = await serveHub({ [id]: repository({ files }) });
  const source = await openSource(id, { hubUrl: hub.url, cacheDir });
  await source.has("model.safetensors"); // the listing is in hand; now the content changes
  wrong[wrong.length - 1] = 1;
  Object.assign(files, { "model.safetensors": wrong });
  await expect(openCheckpoint(source)).rejects.toThrow(
    `model.safetensors: the download is damaged (expected SHA-256 ${sha256(big)}, found ${sha256(wrong)})`,
  );
  expect(await filesIn(place("blobs"))).toEqual([]);
  expect(await filesIn(place("snapshots", commit))).toEqual([]);
});

test("abort in the middle of a slow download: the next call goes on where it ended", async () => {
  const slow = repository({ behaviour: { stallAfter: 150_000 } });
  await using hub = await serveHub({ [id]: slow });
  const controller = new AbortController();
  const reason = new Error("enough");
  const seen: number[] = [];
  const opening = openCheckpoint(id, {
    hubUrl: hub.url,
    cacheDir,
    signal: controller.signal,
    onProgress: ({ loaded }) => {
      seen.push(loaded);
      if (loaded > 50_000) setTimeout(() => controller.abort(reason), 20);
    },
  });
  await expect(opening).rejects.toBe(reason);
  expect(seen.length).toBeGreaterThan(0);
  expect(await filesIn(place("blobs"))).toEqual([expect.stringMatching(`^${sha256(big)}\\.[0-9a-f]{8}\\.incomplete$`)]);
  slow.behaviour = {};
  expect((await readAll(await openCheckpoint(id, { hubUrl: hub.url, cacheDir })))["big"]?.data).toEqual([...sizes]);
  expect(Number(/^bytes=(\d+)-/.exec(hub.cdn.seen.at(-1)?.range ?? "")?.[1])).toBeGreaterThan(50_000);
  expect(await filesIn(place("blobs"))).toEqual([sha256(big)]);
});

/** What a process that was killed left of the big file. */
async function leave(name: string, bytes: Uint8Array, minutesAgo: number): Promise<void> {
  const path = place("blobs", `${sha256(big)}.${name}.incomplete`);
  await mkdir(place("blobs"), { recursive: true });
  await writeFile(path, bytes);
  await utimes(path, new Date(), new Date(Date.now() - 60_000 * minutesAgo));
}

test("another process goes on with the longest part that is there, and checks it all", async () => {
  await using hub = await serveHub({ [id]: repository() });
  await leave("11111111", big.slice(0, 300_000), 1000);
  await leave("22222222", big.slice(0, 200_000), 1000);
  await leave("33333333", new Uint8Array(big.length + 1), 1000);
  const seen: number[] = [];
  const options = { hubUrl: hub.url, cacheDir, onProgress: ({ loaded }: { loaded: number }) => seen.push(loaded) };
  expect((await readAll(await openCheckpoint(id, options)))["big"]?.data).toEqual([...sizes]);
  expect(hub.cdn.seen.map(({ range }) => range)).toEqual([`bytes=300000-${big.length - 1}`]);
  expect([seen[0], seen.at(-1)], "what is there counts").toEqual([300_000, big.length]);
  expect(await filesIn(place("blobs"))).toEqual([sha256(big)]);
});

test("a part that isn't the file's is thrown away, and the file loaded from its beginning", async () => {
  await using hub = await serveHub({ [id]: repository() });
  await leave("11111111", new Uint8Array(300_000), 0);
  expect((await readAll(await openCheckpoint(id, { hubUrl: hub.url, cacheDir })))["big"]?.data).toEqual([...sizes]);
  expect(hub.cdn.seen.map(({ range }) => range)).toEqual([`bytes=300000-${big.length - 1}`, undefined]);
  expect(await filesIn(place("blobs"))).toEqual([sha256(big)]);
});

test("a server that is gone leaves what came, once, however often it is tried", async () => {
  const dropping = repository({ behaviour: { dropAfter: () => 500 } });
  await using hub = await serveHub({ [id]: dropping });
  await leave("11111111", big.slice(0, 300_000), 1000);
  await leave("22222222", big.slice(0, 200_000), 1000);
  await expect(openCheckpoint(id, { hubUrl: hub.url, cacheDir })).rejects.toThrow("the download keeps failing");
  const parts = await filesIn(place("blobs"));
  expect(parts).toEqual([expect.stringMatching(/\.[0-9a-f]{8}\.incomplete$/)]);
  expect((await stat(place("blobs", parts[0] ?? ""))).size).toBeGreaterThan(300_000);
}, 30_000);

test("what loading would fetch is told before: weights in shards, settings and vocabularies; nothing but the index is loaded", async () => {
  const index = utf8(JSON.stringify({ weight_map: { big: "m-1.safetensors", small: "m-2.safetensors" } }));
  const files = {
    "README.md": utf8("#"),
    "model.safetensors.index.json": index,
    "m-1.safetensors": big,
    "m-2.safetensors": small,
    "config.json": utf8("{}"),
    "1_Pooling/config.json": utf8("{}"),
    "onnx/config.json": utf8("{}"),
    "flax_model.msgpack": utf8("x"),
  };
  await using hub = await serveHub({ [id]: repository({ files, large: ["m-1.safetensors", "m-2.safetensors"] }) });
  const options = { hubUrl: hub.url, cacheDir };
  const expected = (cached: readonly string[]) =>
    ["model.safetensors.index.json", "m-1.safetensors", "m-2.safetensors", "config.json", "1_Pooling/config.json"].map((name) => ({
      name,
      bytes: files[name as keyof typeof files].length,
      cached: cached.includes(name),
    }));
  const weights = ["model.safetensors.index.json", "m-1.safetensors", "m-2.safetensors"];
  expect(await filesToLoad(id, options)).toEqual(expected(weights.slice(0, 1)));
  expect(hub.cdn.seen).toEqual([]);
  await openCheckpoint(id, options);
  expect(await filesToLoad(id, options)).toEqual(expected(weights));
  const folder = place("snapshots", commit);
  expect(await filesToLoad(folder)).toEqual(expected(weights).filter(({ cached }) => cached));
  await expect(filesToLoad(id, { ...options, file: "none.safetensors" })).rejects.toThrow(`there is no "none.safetensors"`);
});

test("progress: one figure over all shards, never backwards", async () => {
  const index = utf8(JSON.stringify({ weight_map: { big: "m-1.safetensors", small: "m-2.safetensors" } }));
  const files = { "model.safetensors.index.json": index, "m-1.safetensors": big, "m-2.safetensors": small };
  await using hub = await serveHub({ [id]: repository({ files, large: ["m-1.safetensors", "m-2.safetensors"] }) });
  const seen: { file: string; loaded: number; total: number }[] = [];
  await openCheckpoint(id, { hubUrl: hub.url, cacheDir, onProgress: (progress) => seen.push(progress) });
  const shards = seen.filter(({ file }) => file.startsWith("m-"));
  expect(shards.every(({ total }) => total === big.length + small.length)).toBe(true);
  expect(shards.map(({ loaded }) => loaded)).toEqual(shards.map(({ loaded }) => loaded).toSorted((a, b) => a - b));
  expect(shards.at(-1)).toEqual({ file: "m-2.safetensors", loaded: big.length + small.length, total: big.length + small.length });
});

test("two downloads of one file at the same time don't disturb each other", async () => {
  await using hub = await serveHub({ [id]: repository() });
  const both = await Promise.all([1, 2, 3].map(() => openCheckpoint(id, { hubUrl: hub.url, cacheDir })));
  for (const checkpoint of both) {
    const numbers = memory([100_000]);
    await checkpoint.readInto([["big", numbers]]);
    expect(numbers.numbers).toEqual(sizes);
  }
  expect(await filesIn(place("blobs"))).toEqual([sha256(big)]);
  expect((await lstat(place("snapshots", commit, "model.safetensors"))).isSymbolicLink()).toBe(true);
});

test("nothing is printed", async () => {
  const printed = (["log", "info", "debug", "warn", "error"] as const).map((method) => vi.spyOn(console, method));
  await using hub = await serveHub({ [id]: repository() });
  await openCheckpoint(id, { hubUrl: hub.url, cacheDir });
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
});
