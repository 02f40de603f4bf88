import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { CheckpointError } from "../../src/files/checkpoint-error.ts";
import type { TensorSource, Writable } from "../../src/formats/safetensors-writer.ts";
import { encodeSafetensors, saveSafetensors } from "../../src/checkpoint/save-safetensors.ts";
import { type Described, expectedOf, fixture, readAll } from "./helpers.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "save-"));
});
afterEach(() => rm(directory, { recursive: true }));

function source(shape: readonly number[], data: readonly number[], ints = false): TensorSource {
  const numbers = ints ? Int32Array.from(data) : Float32Array.from(data);
  return { shape, view: () => numbers };
}

async function plain(): Promise<Map<string, TensorSource>> {
  const expected = await expectedOf("plain");
  return new Map(Object.entries(expected).map(([name, { shape, data }]) => [name, source(shape, data, name === "a.ids")]));
}

const several = (count: number, size = 100): Map<string, TensorSource> =>
  new Map(
    Array.from({ length: count }, (_, i) => [
      `t${i}`,
      source(
        [size],
        Array.from({ length: size }, (__, k) => i + k),
      ),
    ]),
  );

const contents = async (tensors: ReadonlyMap<string, TensorSource>): Promise<Record<string, Described>> =>
  Object.fromEntries([...tensors].map(([name, { shape, view }]) => [name, { shape: [...shape], data: [...view()] }]));

const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

for (const dtype of ["float32", "float16", "bfloat16"] as const) {
  test(`${dtype}: byte for byte what the reference library writes`, async () => {
    expect(await bytesOf(encodeSafetensors(await plain(), { dtype }))).toEqual(await fixture(`plain-${dtype}.safetensors`));
  });
}

test("a number type that isn't one is refused by name", async () => {
  const tensors = await plain();
  expect(() => encodeSafetensors(tensors, { dtype: "F16" as never })).toThrow(
    'dtype must be one of "float32", "float16", "bfloat16", but is "F16"',
  );
});

test("notes of one's own, names that need escapes, an empty tensor, nothing at all", async () => {
  const odd = new Map([
    ['"quoted" \\ ü 𝄞 \n', source([1], [1])],
    ["__proto__", source([0, 3], [])],
  ]);
  const file = encodeSafetensors(odd, { metadata: { format: "pt", note: "ü" } });
  const checkpoint = await openCheckpoint(file);
  expect(await readAll(checkpoint)).toEqual(await contents(odd));
  expect([...checkpoint.metadata]).toEqual([
    ["format", "pt"],
    ["note", "ü"],
  ]);
  expect((await openCheckpoint(encodeSafetensors(new Map(), { metadata: {} }))).entries.size).toBe(0);
});

test("transposed, stacked, and more than one buffer long", async () => {
  const large = source(
    [700, 700],
    Array.from({ length: 490_000 }, (_, i) => i % 977),
  );
  const tensors = new Map<string, Writable>([
    ["large", large],
    ["turned", { ...large, transpose: true }],
    ["stacked", [source([1, 2], [1, 2]), { ...source([2, 3], [3, 4, 5, 6, 7, 8]), transpose: true }]],
  ]);
  const read = await readAll(await openCheckpoint(encodeSafetensors(tensors)));
  expect(read["large"]?.data ?? []).toEqual([...large.view()]);
  expect(read["turned"]?.data[1]).toBe(large.view()[700]);
  expect(read["turned"]?.data[700]).toBe(large.view()[1]);
  expect(read["stacked"]).toEqual({ shape: [4, 2], data: [1, 2, 3, 6, 4, 7, 5, 8] });
});

test("sizes that don't fit are refused", () => {
  expect(() => encodeSafetensors(new Map([["a", source([3], [1])]]))).toThrow(
    'tensor "a": its memory doesn\'t match its shape (expected (3), found 1 elements)',
  );
  expect(() => encodeSafetensors(new Map([["a", [source([1, 2], [1, 2]), source([1, 1], [1])]]]))).toThrow(
    "its parts don't have the same columns",
  );
});

test("a folder, a file, there and back", async () => {
  const tensors = await plain();
  expect(await saveSafetensors(tensors, directory)).toEqual(["model.safetensors"]);
  expect(await saveSafetensors(tensors, join(directory, "new", "adapter.safetensors"))).toEqual(["adapter.safetensors"]);
  expect(new Uint8Array(await readFile(join(directory, "new", "adapter.safetensors")))).toEqual(await fixture("plain-float32.safetensors"));
  expect(await readAll(await openCheckpoint(directory))).toEqual(await contents(tensors));
});

test("shards: named, indexed and read back; later ones replace them and leave nothing behind", async () => {
  const tensors = several(5);
  const files = await saveSafetensors(tensors, directory, { maxShardBytes: 800 });
  expect(files).toEqual([
    "model-00001-of-00003.safetensors",
    "model-00002-of-00003.safetensors",
    "model-00003-of-00003.safetensors",
    "model.safetensors.index.json",
  ]);
  expect(JSON.parse(await readFile(join(directory, "model.safetensors.index.json"), "utf8"))).toEqual({
    metadata: { total_parameters: 500, total_size: 2000, save: expect.stringMatching(/^[0-9a-f]{32}$/) },
    weight_map: { t0: files[0], t1: files[0], t2: files[1], t3: files[1], t4: files[2] },
  });
  expect(await readAll(await openCheckpoint(directory))).toEqual(await contents(tensors));

  await writeFile(join(directory, "config.json"), "{}");
  await writeFile(join(directory, "model-notes.safetensors"), "kept");
  await saveSafetensors(several(2), directory);
  expect((await readdir(directory)).toSorted()).toEqual(["config.json", "model-notes.safetensors", "model.safetensors"]);
  await saveSafetensors(several(4), directory, { maxShardBytes: 800 });
  expect(await readAll(await openCheckpoint(directory))).toEqual(await contents(several(4)));
});

test("shards of two saves, as a copy that was broken off leaves them, don't load as one", async () => {
  const [one, other] = [join(directory, "one"), join(directory, "other")];
  const names = await saveSafetensors(several(5), one, { maxShardBytes: 800 });
  await saveSafetensors(several(5), other, { maxShardBytes: 800 });
  for (const name of names) {
    const mixed = join(directory, `mixed by ${name}`);
    await cp(one, mixed, { recursive: true });
    await copyFile(join(other, name), join(mixed, name));
    await expect(openCheckpoint(mixed)).rejects.toThrow(
      /is of another save than the index: a copy or a save was broken off; copy or save all/,
    );
  }
});

test("a tensor beyond the limit has a file of its own", async () => {
  expect((await saveSafetensors(several(3), directory, { maxShardBytes: 1 })).length).toBe(4);
});

test("the same tensors give the same bytes", async () => {
  const [first, second] = [encodeSafetensors(several(9)), encodeSafetensors(several(9))];
  expect(await bytesOf(first)).toEqual(await bytesOf(second));
});

test("a failure or an abort in the middle leaves what was there, and no temporary file", async () => {
  await saveSafetensors(several(2), directory);
  const before = await readFile(join(directory, "model.safetensors"));
  let views = 0;
  const failing: TensorSource = {
    shape: [600_000],
    view: () => {
      if (++views > 4) throw new Error("the memory is gone");
      return new Float32Array(600_000);
    },
  };
  await expect(saveSafetensors(new Map([...several(3), ["z", failing]]), directory)).rejects.toThrow(
    "can't be written: the memory is gone",
  );

  for (const maxShardBytes of [undefined, 800]) {
    const controller = new AbortController();
    const reason = new Error("enough");
    const saving = saveSafetensors(several(6), directory, {
      maxShardBytes,
      signal: controller.signal,
      onProgress: ({ loaded }) => loaded > 1000 && controller.abort(reason),
    });
    await expect(saving).rejects.toBe(reason);
  }
  expect(await readdir(directory)).toEqual(["model.safetensors"]);
  expect(await readFile(join(directory, "model.safetensors"))).toEqual(before);
});

test("a place that can't be written", async () => {
  await writeFile(join(directory, "file"), "");
  await expect(saveSafetensors(several(1), join(directory, "file", "below"))).rejects.toThrow(CheckpointError);
});

test("a stream gets the whole file, whatever the limit; when it fails, it is aborted", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const received = new Response(readable).blob();
  await saveSafetensors(several(5), writable, { maxShardBytes: 1 });
  expect(await readAll(await openCheckpoint(await received))).toEqual(await contents(several(5)));

  let aborted: unknown;
  const full = new WritableStream<Uint8Array>({
    write: () => {
      throw new Error("the disk is full");
    },
    abort: (reason) => {
      aborted = reason;
    },
  });
  await expect(saveSafetensors(several(5), full)).rejects.toThrow("can't be written: the disk is full");
  const slow = new WritableStream<Uint8Array>({
    abort: (reason) => {
      aborted = reason;
    },
  });
  const controller = new AbortController();
  const saving = saveSafetensors(several(5), slow, { signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) });
  await expect(saving).rejects.toThrow("enough");
  expect(aborted).toEqual(new Error("enough"));
});

test("progress ends at the total", async () => {
  const seen: number[] = [];
  let last = 0;
  await saveSafetensors(several(5), directory, {
    maxShardBytes: 800,
    onProgress: ({ loaded, total }) => {
      seen.push(loaded);
      last = total;
    },
  });
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBe(last);
});
