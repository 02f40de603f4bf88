/** Servers that say nothing, lie, or have no end: right bytes or an error that says why, in bounded time. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Repository, sendBytes, serve, serveHub } from "@x/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CheckpointError, reasonOf } from "../../src/files/checkpoint-error.ts";
import { readBytes } from "../../src/files/source-file.ts";
import { openSource, type SourceOptions } from "../../src/files/source.ts";

const disk = vi.hoisted(() => ({ full: false }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const open = async (...given: Parameters<typeof real.open>) => {
    const handle = await real.open(...given);
    const { write } = handle;
    handle.write = ((...parts: unknown[]) =>
      disk.full
        ? Promise.reject(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" }))
        : Reflect.apply(write, handle, parts)) as typeof write;
    return handle;
  };
  return { ...real, open };
});

let cacheDir = "";
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "network-"));
  for (const name of ["HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE"])
    vi.stubEnv(name, undefined);
});
afterEach(async () => {
  disk.full = false;
  vi.unstubAllEnvs();
  await rm(cacheDir, { recursive: true });
});

/** So long that it comes in several parts, and no two parts are alike. */
const bytes = new Uint8Array(300_000).map((_, i) => (i * 31 + (i >> 8)) % 251);

type Answer = (request: IncomingMessage, response: ServerResponse, times: number) => void;

/** What comes of reading a file from a server that answers so. */
async function read(answer: Answer, name = "model.bin", options: SourceOptions = {}): Promise<Uint8Array> {
  let times = 0;
  await using server = await serve((request, response) => answer(request, response, ++times));
  const file = await (await openSource(`${server.url}/`, { idleTimeout: 0.3, ...options })).open(name);
  return await readBytes(file, 0, file.size);
}

const partOf = (request: IncomingMessage): number => Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);

/** Breaks off after 100 000 bytes of each answer. */
const breaking = (response: ServerResponse, body: Uint8Array, status: number, range?: string): void => {
  response.writeHead(status, { "Content-Length": body.length, ...(range !== undefined && { "Content-Range": range }) });
  if (body.length <= 100_000) response.end(body);
  else response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
};

describe("a web server", () => {
  const right: Record<string, Answer> = {
    "answers what is resumed from the beginning": (_, response, times) =>
      times < 4 ? breaking(response, bytes, 200) : response.writeHead(200, { "Content-Length": bytes.length }).end(bytes),
    "asks for a second's rest": (request, response, times) =>
      times === 1 ? response.writeHead(429, { "Retry-After": "1" }).end() : sendBytes(request, response, bytes),
    "asks for rest until a second from now": (request, response, times) =>
      times === 2
        ? response.writeHead(503, { "Retry-After": new Date(Date.now() + 1000).toUTCString() }).end()
        : sendBytes(request, response, bytes),
    "says nothing at first": (request, response, times) => (times === 1 ? undefined : sendBytes(request, response, bytes)),
    "falls silent in the middle at first": (request, response, times) =>
      sendBytes(request, response, bytes, times === 2 ? { stallAfter: 100_000 } : {}),
    "tells no length": (request, response) => sendBytes(request, response, bytes, { ranges: false, length: false }),
  };
  test.for(Object.entries(right))("that %s: the right bytes", async ([, answer]) => {
    expect(Buffer.from(await read(answer)).equals(bytes)).toBe(true);
  });

  const wrong: Record<string, readonly [answer: Answer, message: string, name?: string, options?: SourceOptions]> = {
    "says nothing, ever": [() => undefined, "nothing came for 0.3 seconds (idleTimeout)"],
    "sends a byte now and then": [
      (_, response) => {
        response.writeHead(200, { "Content-Length": bytes.length });
        const timer = setInterval(() => response.write("x"), 50);
        response.on("close", () => clearInterval(timer));
      },
      "nothing came for 0.3 seconds (idleTimeout)",
    ],
    "answers with another part": [
      (request, response) => {
        const begin = Math.max(0, partOf(request) - 7);
        breaking(response, bytes.subarray(begin), 206, `bytes ${begin}-${bytes.length - 1}/${bytes.length}`);
      },
      "the server answers with another part than was asked for",
    ],
    "answers with several parts": [
      (_, response) => response.writeHead(206, { "Content-Type": "multipart/byteranges; boundary=x", "Content-Length": 3 }).end("--x"),
      "the server answers with several parts where one was asked for",
    ],
    "wants an hour's rest": [
      (_, response) => response.writeHead(429, { "Retry-After": "3600" }).end(),
      "the server answers 429 and wants 3600 seconds' rest",
    ],
    "sends a gigabyte in a megabyte": [
      (_, response) => response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(new Uint8Array(20_000_000))),
      "the answer is longer than 1000000 bytes",
      "config.json",
      { maxFileBytes: 1_000_000 },
    ],
    "sends without end": [
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(bytes), 1);
        response.on("close", () => clearInterval(timer));
      },
      "the answer is longer than 1000000 bytes",
      "config.json",
      { maxFileBytes: 1_000_000 },
    ],
    "says that a text has petabytes": [
      (_, response) => response.writeHead(206, { "Content-Range": `bytes 0-9/${2 ** 53 - 1}`, "Content-Length": 10 }).end("0123456789"),
      "the file is too large (expected at most 100000000 bytes, found 9007199254740991)",
      "tokenizer.json",
    ],
  };
  test.for(Object.entries(wrong))("that %s: an error", async ([, [answer, message, name, options]]) => {
    const begun = performance.now();
    const failure = await read(answer, name, options).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(CheckpointError);
    expect(String(failure)).toContain(message);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  test("all of it has an end where the signal says so", async () => {
    const trickle: Answer = (_, response) => {
      response.writeHead(200, { "Content-Length": 1e9 });
      const timer = setInterval(() => response.write(bytes.subarray(0, 2000)), 50);
      response.on("close", () => clearInterval(timer));
    };
    await expect(read(trickle, "model.bin", { signal: AbortSignal.timeout(1500) })).rejects.toThrow("aborted due to timeout");
  });
});

const id = "org/model";
const commit = "0123456789abcdef0123456789abcdef01234567";
const config = new TextEncoder().encode('{"hidden_size": 8}');
const repository = (more: Partial<Repository> = {}): Repository => ({
  files: { "model.safetensors": bytes, "config.json": config },
  large: ["model.safetensors"],
  commit,
  ...more,
});

describe("the hub", () => {
  test("a download that is resumed and answered from the beginning is put together rightly", async () => {
    let drops = 3;
    await using hub = await serveHub({ [id]: repository({ behaviour: { dropAfter: () => (drops-- > 0 ? 100_000 : undefined) } }) });
    const resumed: string[] = [];
    /** As if the server forgot what parts are once it has told the size. */
    const forgetful: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      const range = headers.get("range") ?? "";
      if (range.startsWith("bytes=0-")) return fetch(input, init);
      if (range !== "") resumed.push(range);
      headers.delete("range");
      return fetch(input, { ...init, headers });
    };
    const file = await (await openSource(id, { hubUrl: hub.url, cacheDir, fetch: forgetful })).open("model.safetensors");
    expect(Buffer.from(await readBytes(file, 0, file.size)).equals(bytes)).toBe(true);
    expect(resumed.length).toBeGreaterThan(0);
  });

  test.for(["config.json", "model.safetensors"])("a damaged %s is refused, kept or not", async (name) => {
    const files: Record<string, Uint8Array> = { ...repository().files };
    await using hub = await serveHub({ [id]: repository({ files }) });
    const source = await openSource(id, { hubUrl: hub.url, cacheDir });
    await source.has(name); // the listing is in hand; now the content changes
    files[name] = (files[name] ?? config).map((byte, i) => (i === 11 ? byte ^ 1 : byte));
    await expect(source.open(name)).rejects.toThrow(`${name}: the download is damaged`);
    expect((await readdir(cacheDir, { recursive: true })).filter((path) => path.endsWith(name))).toEqual([]);
  });

  const unwritable: Record<string, () => Promise<string>> = {
    "a path that can't be": async () => {
      await writeFile(join(cacheDir, "file"), "");
      return join(cacheDir, "file", "cache");
    },
    "a full disk": async () => {
      disk.full = true;
      return cacheDir;
    },
  };
  test.for(Object.entries(unwritable))("a cache on %s: read all the same, without keeping", async ([, where]) => {
    await using hub = await serveHub({ [id]: repository() });
    const source = await openSource(id, { hubUrl: hub.url, cacheDir: await where() });
    await source.prepare?.(["config.json", "model.safetensors"]);
    expect(await source.readText("config.json")).toBe('{"hidden_size": 8}');
    const file = await source.open("model.safetensors");
    expect(Buffer.from(await readBytes(file, 0, file.size)).equals(bytes)).toBe(true);
    expect((await readdir(cacheDir, { recursive: true })).filter((path) => /config|incomplete|safetensors/.test(path))).toEqual([]);
  });

  /** A hub whose answers about the repository's files are these. */
  async function listing(answer: (response: ServerResponse, url: string) => void, options: SourceOptions = {}): Promise<readonly string[]> {
    await using hub = await serve((request, response, path) => {
      response.setHeader("Content-Type", "application/json");
      if (path.includes("/revision/")) response.end(JSON.stringify({ _id: "1", id, sha: commit, lastModified: "2026-01-01" }));
      else answer(response, `http://${request.headers.host}${request.url}`);
    });
    const source = await openSource(id, { hubUrl: hub.url, cacheDir, ...options });
    for (const name of (await source.list?.()) ?? []) await source.open(name);
    return [];
  }
  const entry = (more: object): string => JSON.stringify([{ type: "file", path: "config.json", size: 3, oid: "f".repeat(40), ...more }]);

  test.for<[string, (response: ServerResponse, url: string) => void, string]>([
    [
      "without end",
      (response, url) => response.setHeader("Link", `<${url}>; rel="next"`).end("[]"),
      "the hub's list of files has more than 1000 pages",
    ],
    ["of a page of 40 MB", (response) => response.end(`[${" ".repeat(40_000_000)}]`), "the answer is longer than 20000000 bytes"],
    ["with a file outside", (response) => response.end(entry({ path: "../../evil" })), 'the file name "../../evil" is refused'],
    ["with an id that is a path", (response) => response.end(entry({ oid: "../../../evil" })), "a file without an id"],
    ["with a size below zero", (response) => response.end(entry({ size: -5 })), "a file without a size (found -5)"],
    ["with a size that is text", (response) => response.end(entry({ size: "12" })), "a file without a size (found 12)"],
    ["with a text of petabytes", (response) => response.end(entry({ size: 1e15 })), "the file is too large"],
    ["that is a web page", (response) => response.end("<html>"), "can't be loaded from the hub"],
  ])("a list of files %s is refused", async ([, answer, message]) => {
    const failure = await listing(answer).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CheckpointError);
    expect(String(failure)).toContain(message);
  });

  test("the token goes to the hub alone", async () => {
    await using elsewhere = await serve((_, response) => response.setHeader("Content-Type", "application/json").end("[]"));
    await listing((response, url) => response.setHeader("Link", `<${elsewhere.url}${new URL(url).pathname}>; rel="next"`).end("[]"), {
      token: "hf_secret",
    });
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});

describe("names that strangers give", () => {
  test.for(["a--b/c", "a/b--c", "a/..", "a/b..c", "a/b/c", "-a/b", "a/b.", `${"a".repeat(90)}/${"b".repeat(20)}`, "", "a b", "a/b\0"])(
    "%j is no repository",
    async (name) => {
      await expect(openSource(name, { only: "hub" })).rejects.toThrow("is neither a path, nor an address, nor a repository");
    },
  );

  test("only the hub: neither a path nor an address is opened", async () => {
    await mkdir(join(cacheDir, "owner", "name"), { recursive: true });
    vi.spyOn(process, "cwd").mockReturnValue(cacheDir);
    for (const name of [cacheDir, "./owner/name", "http://127.0.0.1:1/", "file:///etc/", "C:\\x", "~/x"])
      await expect(openSource(name, { only: "hub" })).rejects.toThrow(CheckpointError);
    const source = await openSource("owner/name", { only: "hub", offline: true, cacheDir });
    expect(source.label).toContain("owner/name (revision main; offline");
    vi.restoreAllMocks();
  });

  test("only a folder: nothing is fetched", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    for (const name of ["owner/name", "http://127.0.0.1:1/", "https://huggingface.co/owner/name"])
      await expect(openSource(name, { only: "folder", fetch })).rejects.toThrow("there is no such file or folder");
    expect(fetch).not.toHaveBeenCalled();
    await writeFile(join(cacheDir, "config.json"), "{}");
    expect(await (await openSource(cacheDir, { only: "folder" })).list?.()).toEqual(["config.json"]);
  });
});

test.for<[code: string, advice: string]>([
  ["ENOTFOUND", "no address is known for this name"],
  ["ECONNREFUSED", "NODE_USE_ENV_PROXY=1"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "NODE_EXTRA_CA_CERTS"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "NODE_EXTRA_CA_CERTS"],
])("what %s means is told", ([code, advice]) => {
  const cause = Object.assign(new Error(code.toLowerCase()), { code });
  const told = reasonOf(new TypeError("fetch failed", { cause }));
  expect(told).toContain(`fetch failed: ${code.toLowerCase()}`);
  expect(told).toContain(advice);
});
