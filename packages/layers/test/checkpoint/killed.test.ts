/** A process killed at any of its file operations: what was there is intact or what comes is whole, and the next call works. */
import type { FileHandle } from "node:fs/promises";
import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { saveSafetensors } from "../../src/checkpoint/save-safetensors.ts";
import { readBytes, type SourceFile } from "../../src/files/source-file.ts";
import { openSource } from "../../src/files/source.ts";
import { lockName } from "../../src/files/platform/node-lock.ts";
import { nodeHubCache } from "../../src/files/platform/node-hub-cache.ts";
import { gitId, sha256 } from "@x/testing";
import { readAll } from "./helpers.ts";

/** From its last operation on, nothing that a killed process does happens any more. */
const life = vi.hoisted(() => ({
  operations: 0,
  last: Number.POSITIVE_INFINITY,
  died: () => undefined as void,
  open: new Set<FileHandle>(),
}));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  /** Counts an operation; when it is the last, a part of it is done. */
  const counted =
    <Arguments extends unknown[], Result>(
      operation: (...given: Arguments) => Promise<Result>,
      part?: (...given: Arguments) => Promise<unknown>,
    ) =>
    async (...given: Arguments): Promise<Result> => {
      if (++life.operations <= life.last) return operation(...given);
      if (life.operations === life.last + 1) {
        await part?.(...given);
        life.died();
      }
      return new Promise<never>(() => undefined);
    };
  const watched = (handle: FileHandle): FileHandle => {
    const { write } = handle;
    const bound = write.bind(handle) as (
      chunk: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ) => ReturnType<typeof write<Uint8Array>>;
    handle.write = counted(bound, (chunk, offset, length, position) =>
      bound(chunk, offset, Math.floor(length / 2), position),
    ) as typeof write;
    handle.sync = counted(async () => undefined);
    life.open.add(handle);
    return handle;
  };
  return {
    ...real,
    open: counted(async (...given: Parameters<typeof real.open>) => watched(await real.open(...given))),
    mkdir: counted(real.mkdir),
    rename: counted(real.rename),
    rm: counted(real.rm),
    symlink: counted(real.symlink),
    readdir: counted(real.readdir as (...values: unknown[]) => Promise<unknown>),
    readFile: counted(real.readFile as (...values: unknown[]) => Promise<unknown>),
    stat: counted(real.stat as (...values: unknown[]) => Promise<unknown>),
  };
});

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "killed-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Does `work` until its operation number `last`. Returns whether it was killed. */
async function until(last: number, work: () => Promise<unknown>): Promise<boolean> {
  life.operations = 0;
  life.last = last;
  try {
    const death = new Promise<true>((resolve) => (life.died = () => resolve(true)));
    return await Promise.race([death, work().then(() => false as const)]);
  } finally {
    life.last = Number.POSITIVE_INFINITY;
    for (const handle of life.open) await handle.close(); // as its operating system does
    life.open.clear();
  }
}

/** Some of it, as if it had been done long ago. */
async function age(folder: string): Promise<void> {
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), longAgo, longAgo);
  }
}

/** A model whose every number, and whose config, is `value`: five tensors, and a file in a folder. */
async function save(value: number, maxShardBytes?: number): Promise<void> {
  const tensors = new Map(["a", "b", "c", "d", "e"].map((name) => [name, { shape: [100], view: () => new Float32Array(100).fill(value) }]));
  const alongside = new Map([
    ["config.json", JSON.stringify({ value })],
    ["1_Pooling/config.json", JSON.stringify({ value })],
  ]);
  await saveSafetensors(tensors, directory, { maxShardBytes, alongside });
}

const locks = async (): Promise<readonly string[]> => (await readdir(directory)).filter((name) => name.endsWith(".lock"));

/** Every value that a reader finds, once. */
async function valuesThere(): Promise<readonly number[]> {
  const source = await openSource(directory);
  const texts = [await source.readText("config.json"), await source.readText("1_Pooling/config.json")];
  const numbers = Object.values(await readAll(await openCheckpoint(source))).flatMap(({ data }) => data as number[]);
  return [...new Set([...numbers, ...texts.map((text) => Number(JSON.parse(text).value))])];
}

const forms = { "one file": undefined, "three shards": 800, "five shards": 400 } as const;
const kinds = [
  { from: "one file", to: "three shards" },
  { from: "three shards", to: "five shards" },
  { from: "five shards", to: "five shards" },
  { from: "five shards", to: "one file" },
] as const;

describe.for(kinds)("a save of $to over $from", ({ from, to }) => {
  const [before, after] = [forms[from], forms[to]];
  test("is killed at each of its operations", async () => {
    let kills = 0;
    const outcomes = new Set<number>();
    for (let last = 0; ; last++) {
      await rm(directory, { recursive: true, force: true });
      await save(1, before);
      if (!(await until(last, () => save(2, after)))) break;
      kills++;
      const [value, ...others] = await valuesThere();
      expect({ last, value: value === 1 || value === 2, others }).toEqual({ last, value: true, others: [] });
      outcomes.add(value ?? 0);
      await age(directory);
      await save(3, after);
      expect(await valuesThere()).toEqual([3]);
      expect((await readdir(directory)).filter((name) => /tmp|saving/.test(name))).toEqual([]);
    }
    expect(kills).toBeGreaterThan(20);
    expect([...outcomes]).toEqual([1, 2]);
  });
});

test("a save whose unfinished predecessor was killed, too, finishes both", async () => {
  for (let last = 0; ; last += 3) {
    await rm(directory, { recursive: true, force: true });
    await save(1, 400);
    let killed = false;
    for (const value of [2, 3]) {
      killed = await until(last, () => save(value, value === 2 ? 800 : undefined));
      for (const lock of await locks()) await rm(join(directory, lock)); // whose process is gone, here only in play
    }
    const one = await valuesThere();
    expect({ last, values: one.length }).toEqual({ last, values: 1 });
    await save(4);
    expect(await valuesThere()).toEqual([4]);
    if (!killed) break;
  }
});

test("two saves at the same time: one of them whole", async () => {
  const pairs = [
    [undefined, undefined],
    [400, 400],
    [undefined, 400],
    [400, 800],
  ] as const;
  for (let round = 0; round < 40; round++) {
    const [one, other] = pairs[round % pairs.length] ?? [];
    await Promise.all([save(1, one), new Promise((resolve) => setTimeout(resolve, round % 5)).then(() => save(2, other))]);
    expect([[1], [2]]).toContainEqual(await valuesThere());
    expect((await readdir(directory)).filter((name) => /tmp|saving/.test(name))).toEqual([]);
  }
});

test("a lock whose process is gone, or that is old, is broken", async () => {
  const { pid: gone } = spawnSync(process.execPath, ["--version"]);
  const elsewhere = lockName(1, "00000000").replace(/(?<=1\.)[^.]*/, "elsewhere");
  for (const lock of [lockName(gone, "00000000"), elsewhere]) {
    await writeFile(join(directory, lock), "");
    if (lock === elsewhere) await age(directory);
    await save(4, 400);
    expect(await valuesThere()).toEqual([4]);
    expect(await locks()).toEqual([]);
  }
  for (const lock of [lockName(process.pid, "00000000"), elsewhere]) {
    await writeFile(join(directory, lock), "");
    const waiting = saveSafetensors(new Map(), directory, { alongside: new Map([["config.json", "{}"]]), signal: AbortSignal.timeout(60) });
    await expect(waiting).rejects.toThrow("timeout");
    expect(await locks()).toEqual([lock]);
    await rm(join(directory, lock));
  }
});

test("many processes, and locks of dead ones all the time: never two at once", async () => {
  const { pid: gone } = spawnSync(process.execPath, ["--version"]);
  const program = fileURLToPath(new URL("taking-turns.ts", import.meta.url));
  const flags = ["--conditions=@x/source", "--disable-warning=ExperimentalWarning", program, directory, String(gone), "25"];
  const run = promisify(execFile);
  const told = await Promise.all(Array.from({ length: 6 }, () => run(process.execPath, flags)));
  expect(told.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 6 }, () => "25 turns"));
}, 60_000);

test("what another process is still writing isn't swept", async () => {
  await save(1, 400);
  await until(25, () => save(2, 400));
  const unfinished = (await readdir(directory)).filter((name) => name.endsWith(".tmp"));
  expect(unfinished.length).toBeGreaterThan(0);
  await save(3, 400);
  expect(await readdir(directory)).toEqual(expect.arrayContaining(unfinished));
});

describe("the hub's cache", () => {
  const bytes = new Uint8Array(5000).map((_, i) => i);
  const commit = "c".repeat(40);
  for (const etag of [gitId(bytes), sha256(bytes)]) {
    test(`a download named by ${etag.length === 40 ? "SHA-1" : "SHA-256"} is killed at each of its operations`, async () => {
      const file = { name: "folder/file.bin", size: bytes.length, etag };
      const begins: number[] = [];
      async function* chunks(from: number): AsyncGenerator<Uint8Array> {
        begins.push(from);
        for (let at = from; at < bytes.length; at += 1000) yield bytes.slice(at, at + 1000);
      }
      async function* download(begun?: SourceFile): AsyncGenerator<Uint8Array> {
        if (begun) yield* begun.stream(0, begun.size);
        yield* chunks(begun?.size ?? 0);
      }
      const keep = async () => {
        const cache = await nodeHubCache("org/model", directory);
        await cache.remember("main", commit);
        return cache.store(commit, file, download);
      };
      for (let last = 0; ; last++) {
        await rm(directory, { recursive: true, force: true });
        await mkdir(directory);
        if (!(await until(last, keep))) break;
        const cache = await nodeHubCache("org/model", directory);
        expect([undefined, commit]).toContain(await cache.commitOf("main"));
        const kept = await cache.find(commit, file.name);
        if (kept) expect(await readBytes(kept, 0, kept.size)).toEqual(bytes);
        await age(directory);
        const stored = await keep();
        expect(stored && (await readBytes(stored, 0, stored.size))).toEqual(bytes);
        const all = await readdir(directory, { recursive: true });
        expect(all.filter((name) => name.endsWith(".incomplete"))).toEqual([]);
      }
      // Killed in the middle of a write, 500 bytes of a chunk were there.
      expect(new Set(begins)).toEqual(new Set([0, 500, 1500, 2500, 3500, 4500, 5000]));
    });
  }
});
