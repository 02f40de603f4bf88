import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Behaviour, sendBytes, serve, type TestServer } from "@x/testing";
import { expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { CheckpointError } from "../../src/files/checkpoint-error.ts";
import { openSource } from "../../src/files/source.ts";
import { expectedOf, fixture, fixturePath, floats, memory, readAll, safetensors } from "./helpers.ts";

const one = (name: string, ...numbers: number[]): Uint8Array<ArrayBuffer> =>
  safetensors({ [name]: { dtype: "F32", shape: [numbers.length], data_offsets: [0, 4 * numbers.length] } }, floats(...numbers));

const sizes = Float32Array.from({ length: 300_000 }, (_, i) => i % 1000);
const bigFile = safetensors({ big: { dtype: "F32", shape: [300_000], data_offsets: [0, 1_200_000] } }, new Uint8Array(sizes.buffer));

async function folder(files: Record<string, Uint8Array | string>): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "io-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(path, name, ".."), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const host = (files: Record<string, Uint8Array>, behaviour: Behaviour = {}): Promise<TestServer> =>
  serve((request, response, path) => {
    const bytes = files[path.slice(1)];
    if (bytes) sendBytes(request, response, bytes, behaviour);
    else response.writeHead(404).end();
  });

test("bytes, an ArrayBuffer, a Blob, a File and a map", async () => {
  const bytes = await fixture("every-dtype.safetensors");
  const want = await expectedOf("every-dtype");
  for (const where of [
    bytes,
    bytes.buffer,
    new Blob([bytes]),
    new File([bytes], "a.safetensors"),
    new Map([["model.safetensors", bytes]]),
  ]) {
    expect(await readAll(await openCheckpoint(where))).toEqual(want);
  }
  expect((await openSource(new File([bytes], "a.safetensors"))).file).toBe("a.safetensors");
});

test("a path, a file address, a folder, and the files beside", async () => {
  const want = await expectedOf("every-dtype");
  expect(await readAll(await openCheckpoint(fixturePath("every-dtype.pt")))).toEqual(want);
  await using made = await folder({ "model.safetensors": one("a", 1), "config.json": "{}", "1_Pooling/config.json": '{"x":1}' });
  for (const where of [made.path, `${made.path}/`, pathToFileURL(made.path), join(made.path, "model.safetensors")]) {
    const source = await openSource(where);
    expect([...(await openCheckpoint(source)).entries.keys()]).toEqual(["a"]);
    expect(await source.readText("config.json")).toBe("{}");
    expect(await source.readText("1_Pooling/config.json")).toBe('{"x":1}');
    expect(await source.list?.()).toEqual(["config.json", "model.safetensors"]);
    expect(await source.has("none.json")).toBe(false);
    await expect(source.readText("none.json")).rejects.toThrow('there is no "none.json"');
  }
  await expect(openSource("./no/such/folder")).rejects.toThrow("./no/such/folder: there is no such file or folder");
  await expect(openSource("not a place!")).rejects.toThrow('"not a place!" is neither a path, nor an address, nor a repository');
});

test("names that lead out of their folder are refused everywhere", async () => {
  await using server = await host({});
  await using made = await folder({});
  for (const where of [new Map(), made.path, `${server.url}/`]) {
    const source = await openSource(where);
    for (const name of ["../x", "a/../../x", "/etc/passwd", String.raw`..\x`, "c:x", "", ".", "a//b", "a\u0000b"]) {
      await expect(source.open(name)).rejects.toThrow("is refused: it must stay inside its folder");
      await expect(source.has(name)).rejects.toThrow(CheckpointError);
    }
  }
  expect(server.seen).toEqual([]);
});

test("checkpoints are looked for in Hugging Face's order", async () => {
  const [a, b, c, d] = [one("a", 1), one("b", 1), one("c", 1), one("d", 1)] as const;
  const index = (name: string, file: string): Uint8Array<ArrayBuffer> =>
    new TextEncoder().encode(JSON.stringify({ weight_map: { [name]: file } }));
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    ["model.safetensors", a],
    ["model.safetensors.index.json", index("b", "s-1.safetensors")],
    ["s-1.safetensors", b],
    ["pytorch_model.bin", c],
    ["pytorch_model.bin.index.json", index("d", "p-1.bin")],
    ["p-1.bin", d],
  ]);
  const found = async (): Promise<string | undefined> => [...(await openCheckpoint(files)).entries.keys()][0];
  expect(await found()).toBe("a");
  files.delete("model.safetensors");
  expect(await found()).toBe("b");
  files.delete("model.safetensors.index.json");
  files.delete("s-1.safetensors");
  expect(await found()).toBe("c");
  files.delete("pytorch_model.bin");
  expect(await found()).toBe("d");
  files.delete("pytorch_model.bin.index.json");
  files.set("training_args.bin", a).set("optimizer.pt", a);
  expect(await found()).toBe("d");
  files.set("other.pt", a);
  await expect(found()).rejects.toThrow("there are several checkpoints; name one with the option `file` (expected model.safetensors or");
  expect([...(await openCheckpoint(files, { file: "other.pt" })).entries.keys()]).toEqual(["a"]);
  files.set("adapter.safetensors", b);
  expect(await found()).toBe("b");
  await expect(openCheckpoint(new Map([["readme.md", a]]))).rejects.toThrow(
    'no checkpoint is there (expected model.safetensors or model.safetensors.index.json or pytorch_model.bin or pytorch_model.bin.index.json, found "readme.md")',
  );
});

const sharded = (weightMap: unknown, files: Record<string, Uint8Array<ArrayBuffer>>): Map<string, Uint8Array<ArrayBuffer>> =>
  new Map([
    [
      "model.safetensors.index.json",
      new TextEncoder().encode(typeof weightMap === "string" ? weightMap : JSON.stringify({ weight_map: weightMap })),
    ],
    ...Object.entries(files),
  ]);

test("shards are put together", async () => {
  const files = sharded({ a: "x.safetensors", b: "y.safetensors" }, { "x.safetensors": one("a", 1), "y.safetensors": one("b", 2, 3) });
  expect(await readAll(await openCheckpoint(files))).toEqual({ a: { shape: [1], data: [1] }, b: { shape: [2], data: [2, 3] } });
});

const broken = [
  ["a shard is absent", sharded({ a: "x.safetensors" }, {}), 'the file "x.safetensors" that the index names is absent'],
  [
    "a tensor is in two shards",
    sharded({ a: "x.safetensors", b: "y.safetensors" }, { "x.safetensors": one("a", 1), "y.safetensors": one("a", 1) }),
    'tensor "a": it is in two files, "x.safetensors" and "y.safetensors"',
  ],
  [
    "a tensor isn't in its shard",
    sharded({ a: "x.safetensors" }, { "x.safetensors": one("b", 1) }),
    'tensor "a": it is not in the file that the index says (expected "x.safetensors", found in none)',
  ],
  ["a shard lies outside", sharded({ a: "../x.safetensors" }, {}), 'the file name "../x.safetensors" is refused'],
  ["a shard's name is no text", sharded({ a: 1 }, {}), "its file's name is not text"],
  ["there is no weight_map", sharded('{"a":1}', {}), "the index has no weight_map"],
  ["the weight_map is empty", sharded({}, {}), "the index's weight_map is empty"],
  ["the index names a tensor twice", sharded('{"weight_map":{"a":"x","a":"y"}}', {}), 'the index names the key "a" twice'],
  ["the index is no JSON", sharded("{weights}", {}), "the index is not JSON"],
] as const;

for (const [what, files, message] of broken) {
  test(`refused: ${what}`, async () => {
    await expect(openCheckpoint(files)).rejects.toThrow(message);
    await expect(openCheckpoint(files)).rejects.toThrow("model.safetensors.index.json");
  });
}

for (const [what, behaviour] of [
  ["with ranges", {}],
  ["without ranges", { ranges: false }],
  ["without ranges or lengths", { ranges: false, length: false }],
] as const) {
  test(`a web server ${what}`, async () => {
    const files = {
      "m/model.safetensors": bigFile,
      "m/strided.pt": await fixture("strided.pt"),
      "m/config.json": new TextEncoder().encode("{}"),
    };
    await using server = await host(files, behaviour);
    expect((await readAll(await openCheckpoint(`${server.url}/m/`)))["big"]?.data).toEqual([...sizes]);
    const part = memory([100_000], { rows: [100_000, 200_000] });
    await (await openCheckpoint(new URL(`${server.url}/m/model.safetensors`))).readInto([["big", part]]);
    expect([...part.numbers]).toEqual([...sizes.subarray(100_000, 200_000)]);
    expect(await readAll(await openCheckpoint(`${server.url}/m/strided.pt`))).toEqual(await expectedOf("strided"));
    expect(await (await openSource(`${server.url}/m/model.safetensors`)).readText("config.json")).toBe("{}");
    await expect(openCheckpoint(`${server.url}/none/`)).rejects.toThrow("no checkpoint is there");
  });
}

test("one request for the header and one for all the data", async () => {
  await using server = await host({ "model.safetensors": bigFile });
  await readAll(await openCheckpoint(`${server.url}/model.safetensors`));
  expect(server.seen.map(({ range }) => range)).toEqual(["bytes=0-65535", `bytes=65536-${bigFile.length - 1}`]);
});

test("a start page in place of a missing file is no file", async () => {
  await using server = await serve((request, response) =>
    sendBytes(request, response, new TextEncoder().encode("<html>"), { contentType: "text/html" }),
  );
  await expect(openCheckpoint(`${server.url}/`)).rejects.toThrow("no checkpoint is there");
});

test("dropped connections are resumed where they broke", async () => {
  let drops = 4;
  await using server = await host({ "model.safetensors": bigFile }, { dropAfter: () => (drops-- > 0 ? 200_000 : undefined) });
  expect((await readAll(await openCheckpoint(`${server.url}/model.safetensors`)))["big"]?.data).toEqual([...sizes]);
  expect(server.seen.at(-1)?.range).not.toBe(`bytes=65536-${bigFile.length - 1}`);
});

test("a connection that never gets further is given up, with the reason", async () => {
  await using server = await serve((request, response) => {
    if (request.headers.range === "bytes=0-65535") sendBytes(request, response, bigFile);
    else response.destroy();
  });
  const checkpoint = await openCheckpoint(`${server.url}/model.safetensors`);
  await expect(readAll(checkpoint)).rejects.toThrow(
    /model\.safetensors: the download keeps failing: .*expected bytes up to \d+, found an end at 65536/,
  );
}, 20_000);

test("a file that changes between two requests is noticed", async () => {
  let version = 0;
  await using server = await host({ "model.safetensors": bigFile }, { etag: () => `"${version++}"` });
  await expect(readAll(await openCheckpoint(`${server.url}/model.safetensors`))).rejects.toThrow(
    "the file was changed while it was being read",
  );
  await using made = await folder({ "model.safetensors": one("a", 1) });
  const checkpoint = await openCheckpoint(made.path);
  await writeFile(join(made.path, "model.safetensors"), one("a", 1, 2));
  await expect(readAll(checkpoint)).rejects.toThrow("the file was changed while it was being read");
});

test("what a server refuses is told at once", async () => {
  await using server = await serve((_, response) => response.writeHead(403).end());
  await expect(openCheckpoint(`${server.url}/model.safetensors`)).rejects.toThrow("the server answers 403 Forbidden");
  expect(server.seen.length).toBe(1);
});

test("abort: before, while opening, while reading", async () => {
  const reason = new Error("enough");
  await expect(openCheckpoint(one("a", 1), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

  await using silent = await serve(() => undefined);
  const opening = new AbortController();
  setTimeout(() => opening.abort(reason), 50);
  await expect(openCheckpoint(`${silent.url}/model.safetensors`, { signal: opening.signal })).rejects.toBe(reason);

  await using stalling = await host({ "model.safetensors": bigFile }, { stallAfter: 100_000 });
  const checkpoint = await openCheckpoint(`${stalling.url}/model.safetensors`);
  const reading = new AbortController();
  const done = checkpoint.readInto([["big", memory([300_000])]], { signal: reading.signal });
  setTimeout(() => reading.abort(reason), 100);
  await expect(done).rejects.toBe(reason);
});

test("progress: one figure over all files, never backwards, ending at the total", async () => {
  const files = sharded({ big: "x.safetensors", b: "y.safetensors" }, { "x.safetensors": bigFile, "y.safetensors": one("b", 2, 3) });
  const checkpoint = await openCheckpoint(files);
  const seen: number[] = [];
  const names = new Set<string>();
  await checkpoint.readInto(
    [
      ["b", memory([2])],
      ["big", memory([300_000])],
    ],
    {
      onProgress: ({ file, loaded, total }) => {
        expect(total).toBe(1_200_008);
        seen.push(loaded);
        names.add(file);
      },
    },
  );
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBe(1_200_008);
  expect([...names].toSorted()).toEqual(["x.safetensors", "y.safetensors"]);
});
