import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { CheckpointError } from "../../src/files/checkpoint-error.ts";
import { readSafetensors } from "../../src/formats/safetensors-reader.ts";
import { bytesFile } from "../../src/files/blob-file.ts";
import { expectedOf, fixture, floats, memory, readAll, safetensors } from "./helpers.ts";

const tensor = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype: unknown = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test("reads what the reference library wrote, in every dtype, into float32", async () => {
  const checkpoint = await openCheckpoint(await fixture("every-dtype.safetensors"));
  expect(await readAll(checkpoint)).toEqual(await expectedOf("every-dtype"));
  expect(checkpoint.metadata.get("format")).toBe("pt");
  expect(checkpoint.entries.get("bfloat16")).toMatchObject({ dtype: "bfloat16", shape: [2, 3] });
});

test("reads whole numbers into int32", async () => {
  const checkpoint = await openCheckpoint(await fixture("every-dtype.safetensors"));
  for (const name of ["int64", "int32", "int16", "int8"]) {
    const numbers = memory([2, 3], { ints: true });
    await checkpoint.readInto([[name, numbers]]);
    expect([...numbers.numbers]).toEqual([-3, -2, -1, 0, 1, 2]);
  }
  await expect(checkpoint.readInto([["float16", memory([2, 3], { ints: true })]])).rejects.toThrow("F16 can't be read into an Int32Array");
});

test("int64 beyond int32 is refused for int32 and rounded for float32", async () => {
  const file = safetensors({ a: tensor(0, 24, [3], "I64") }, new Uint8Array(BigInt64Array.from([2n ** 40n, -(2n ** 31n), -1n]).buffer));
  const checkpoint = await openCheckpoint(file);
  await expect(checkpoint.readInto([["a", memory([3], { ints: true })]])).rejects.toThrow(
    "an int64 doesn't fit int32 (found 1099511627776)",
  );
  expect((await readAll(checkpoint))["a"]?.data).toEqual([2 ** 40, -(2 ** 31), -1]);
});

test("files without alignment or padding are read, too, and those whose first bytes look like another format's", async () => {
  const header = { x: tensor(0, 1, [1], "U8"), y: tensor(1, 9, [2]) };
  const data = new Uint8Array([7, ...floats(1.5, -2)]);
  for (const length of [123, 640, JSON.stringify(header).length]) {
    const file = safetensors(JSON.stringify(header).padEnd(length), data);
    expect(file[0]).toBe(length & 0xff); // 123 is "{", 640 begins like a pickle
    expect(await readAll(await openCheckpoint(file))).toEqual({ x: { shape: [1], data: [7] }, y: { shape: [2], data: [1.5, -2] } });
  }
});

test("parts of entries, transposed entries, and one entry into several places", async () => {
  const checkpoint = await openCheckpoint(safetensors({ a: tensor(0, 24, [3, 2]) }, floats(1, 2, 3, 4, 5, 6)));
  const rows = memory([2, 2], { rows: [1, 3] });
  const turned = memory([2, 3], { transpose: true });
  const both = memory([2, 1], { transpose: true, rows: [2, 3] });
  await checkpoint.readInto([
    ["a", rows],
    ["a", turned],
    ["a", both],
  ]);
  expect([...rows.numbers]).toEqual([3, 4, 5, 6]);
  expect([...turned.numbers]).toEqual([1, 3, 5, 2, 4, 6]);
  expect([...both.numbers]).toEqual([5, 6]);
});

test("absent entries and wrong shapes come in one error, before anything is written", async () => {
  const checkpoint = await openCheckpoint(safetensors({ a: tensor(0, 8), b: tensor(8, 16) }, floats(1, 2, 3, 4)));
  const a = memory([2]);
  const targets = [
    ["a", a],
    ["b", memory([3])],
    ["c", memory([1])],
    ["b", memory([2], { transpose: true })],
    ["b", memory([3], { rows: [0, 3] })],
  ] as const;
  await expect(checkpoint.readInto(targets)).rejects.toThrow(
    '4 entries can\'t be read: "b" is (2) but should be (3), "c" is absent, "b" is (2) but should be (2), "b" is (2) but should be at least 3 rows',
  );
  expect([...a.numbers]).toEqual([0, 0]);
});

test("view() is called again for every chunk, so memory may move", async () => {
  const numbers = Float32Array.from({ length: 3_000_000 }, (_, i) => i);
  const checkpoint = await openCheckpoint(new Blob([safetensors({ a: tensor(0, 12_000_000) }, new Uint8Array(numbers.buffer))]));
  let buffer = new ArrayBuffer(12_000_000);
  await checkpoint.readInto([["a", { shape: [3_000_000], view: () => new Float32Array((buffer = buffer.transfer?.() ?? buffer)) }]]);
  expect(new Float32Array(buffer)).toEqual(numbers);
});

const bad: readonly (readonly [what: string, file: Uint8Array, message: string])[] = [
  ["nothing", new Uint8Array(0), "too short for a safetensors file (found 0 bytes)"],
  ["7 bytes", new Uint8Array(7), "too short for a safetensors file (found 7 bytes)"],
  [
    "a header beyond the file",
    safetensors("{}").subarray(0, 9),
    "the header is longer than the file (expected at least 10 bytes, found 9 bytes)",
  ],
  ["a header beyond 100 MB", new Uint8Array([1, 0xe1, 0xf5, 5, 0, 0, 0, 0, 0x7b]), "the header's length is beyond 100 MB"],
  ["a length of 2^64 − 1", new Uint8Array(16).fill(255), "the header's length is beyond 100 MB"],
  ["no brace", safetensors(" {}"), 'the header doesn\'t start with "{"'],
  ["bytes that aren't UTF-8", safetensors("{\u0000").fill(0xff, 9), "the header is not UTF-8"],
  ["no JSON", safetensors("{,}"), "the header is not JSON"],
  [
    "a tensor twice",
    safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    'the header names the key "a" twice',
  ],
  ["a tensor twice, escaped", safetensors(String.raw`{"a\"":{},"\u0061\"":{}}`, 4), String.raw`the header names the key "a\"" twice`],
  [
    "a dtype twice",
    safetensors('{"a":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,4]}}', 4),
    'the header names the key "dtype" twice',
  ],
  ["metadata that is no object", safetensors({ __metadata__: [] }), "__metadata__ is not an object of strings"],
  ["metadata that is no text", safetensors({ __metadata__: { a: 1 } }), '__metadata__: "a" is not a string'],
  ["no object", safetensors({ a: 1 }), 'tensor "a": not described by an object'],
  [
    "an unknown dtype",
    safetensors({ a: tensor(0, 4, [1], "F8") }, 4),
    'tensor "a": unknown dtype (expected F64, I64, F32, I32, F16, BF16, I16, I8, U8, BOOL, found "F8")',
  ],
  ["a dtype from the prototype", safetensors({ a: tensor(0, 4, [1], "constructor") }, 4), "unknown dtype"],
  [
    "a negative size",
    safetensors({ a: tensor(0, 4, [-1]) }, 4),
    "shape is not a list of sizes (expected whole numbers from 0, found [-1])",
  ],
  ["a broken size", safetensors({ a: tensor(0, 4, [0.5]) }, 4), "shape is not a list of sizes"],
  ["a shape that is no list", safetensors({ a: tensor(0, 4, "1") }, 4), "shape is not a list of sizes"],
  [
    "a negative offset",
    safetensors({ a: tensor(-4, 0, [1]) }, 4),
    "data_offsets is not a pair of positions (expected [begin, end], found [-4,0])",
  ],
  ["three offsets", safetensors({ a: { dtype: "F32", shape: [1], data_offsets: [0, 4, 4] } }, 4), "data_offsets is not a pair"],
  ["offsets backwards", safetensors({ a: tensor(4, 0, [1]) }, 4), "data_offsets run backwards (expected begin ≤ end, found [4, 0])"],
  [
    "data that is cut",
    safetensors({ a: tensor(0, 8) }, 7),
    "the data is cut short or data_offsets are wrong (expected an end of at most 7, found 8)",
  ],
  ["a product that overflows", safetensors({ a: tensor(0, 4, [2 ** 31, 2 ** 31]) }, 4), "the shape's product overflows"],
  [
    "a shape that doesn't match",
    safetensors({ a: tensor(0, 4, [2]) }, 4),
    'tensor "a": F32 (2) doesn\'t match its data_offsets (expected 8 bytes, found 4)',
  ],
  [
    "an overlap",
    safetensors({ a: tensor(0, 8), b: tensor(4, 12) }, 12),
    'tensor "b": its data overlaps another tensor\'s (expected a begin of 8, found 4)',
  ],
  [
    "a hole",
    safetensors({ a: tensor(0, 4), b: tensor(8, 12) }, 12),
    'tensor "b": there is a hole before its data (expected a begin of 4, found 8)',
  ],
  ["a hole at the start", safetensors({ a: tensor(4, 8) }, 8), "there is a hole before its data"],
  ["bytes at the end", safetensors({ a: tensor(0, 4) }, 8), "the file is longer than its tensors (expected 4 bytes of data, found 8)"],
];

for (const [what, file, message] of bad) {
  test(`refuses ${what}`, async () => {
    const opening = openCheckpoint(new Map([["model.safetensors", file]]));
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toThrow("model.safetensors");
  });
}

test("names such as __proto__ are names", async () => {
  const file = safetensors(
    '{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"constructor":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
    floats(1, 2),
  );
  expect([...(await openCheckpoint(file)).entries.keys()]).toEqual(["__proto__", "constructor"]);
});

test("whatever bytes come, only a CheckpointError is thrown", async () => {
  const seeds = [await fixture("every-dtype.safetensors"), await fixture("plain-float32.safetensors"), safetensors({ a: tensor(0, 4) }, 4)];
  const mutated = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
      fc.option(fc.nat(2000)),
    )
    .map(([seed, edits, length]) => {
      const bytes = seed.slice(0, length ?? seed.length);
      for (const [at, value] of edits) if (bytes.length > 0) bytes[at % bytes.length] = value;
      return bytes;
    });
  const header = fc.dictionary(
    fc.string(),
    fc.record({ dtype: fc.constantFrom("F32", "U8", 1), shape: fc.array(fc.maxSafeNat()), data_offsets: fc.array(fc.nat(64)) }),
  );
  const invented = fc.tuple(header, fc.nat(64)).map(([value, size]) => safetensors(value, size));
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, invented, fc.uint8Array({ maxLength: 64 })), async (bytes) => {
      try {
        const file = await readSafetensors(bytesFile(bytes, "file"));
        for (const { position, end } of file.tensors.values()) expect(position <= end && end <= bytes.length).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError);
      }
    }),
    { numRuns: 20_000 },
  );
});
