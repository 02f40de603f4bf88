import { existsSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { CheckpointError } from "../../src/files/checkpoint-error.ts";
import { PickledTensor, PyTorchHost, Storage } from "../../src/formats/pytorch/allowlist.ts";
import type { PickleValue } from "../../src/formats/pytorch/pickle.ts";
import { findTensors } from "../../src/formats/pytorch/state-dict.ts";
import { expectedOf, fixture, floats, integers, int, pickled, pickledTensor, readAll, text, zip } from "./helpers.ts";

const read = async (bytes: Uint8Array) => readAll(await openCheckpoint(bytes));

/** A PyTorch file around a pickle, with one storage of four numbers. */
const archive = (pickle: Uint8Array, others: Record<string, Uint8Array> = {}): Uint8Array =>
  zip({ "archive/data.pkl": pickle, "archive/data/0": floats(1, 2, 3, 4), ...others });

for (const name of ["every-dtype.pt", "every-dtype-legacy.bin", "every-dtype-protocol4.pt"]) {
  test(`${name}: every dtype, a scalar, an empty tensor`, async () => {
    expect(await read(await fixture(name))).toEqual(await expectedOf("every-dtype"));
  });
}

for (const name of ["strided.pt", "strided-legacy.pt"]) {
  test(`${name}: transposed, permuted, sliced, expanded, overlapping, and sharing a storage`, async () => {
    expect(await read(await fixture(name))).toEqual(await expectedOf("strided"));
  });
}

test("a training script's file: unwrapped, prefix dropped, notes and optimiser passed over", async () => {
  expect(await read(await fixture("wrapped-model.pth"))).toEqual(await expectedOf("net"));
  expect(await read(await fixture("wrapped-parameters.pth"))).toEqual(await expectedOf("net-parameters"));
});

test("of several state dicts the averaged one counts, as timm has it", () => {
  const storage = new Storage("F32", "0", 1, 0);
  const tensors = { plain: new PickledTensor(storage, 0, [1], [1]), averaged: new PickledTensor(storage, 0, [1], [1]) };
  for (const names of [
    ["state_dict", "state_dict_ema"],
    ["model_ema", "model"],
  ]) {
    const file = new Map<PickleValue, PickleValue>([["epoch", 3]]);
    for (const name of names) file.set(name, new Map([["w", name.endsWith("ema") ? tensors.averaged : tensors.plain]]));
    expect(findTensors(file, "run.pth").get("w")).toBe(tensors.averaged);
  }
});

test.each([
  ["torch.ComplexFloatStorage", "complex or quantised numbers"],
  ["torch._utils._rebuild_tensor_v3", "a tensor of a dtype such as float8 or uint16"],
  ["torch._utils._rebuild_sparse_tensor", "a sparse tensor"],
  ["torch._utils._rebuild_qtensor", "a quantised tensor"],
  ["torch._utils._rebuild_meta_tensor_no_storage", "a tensor without plain numbers"],
])("%s is told by what it is", (name, what) => {
  expect(() => new PyTorchHost("run.pth").global(name)).toThrow(
    `run.pth: it holds ${what}, which isn't read here (expected tensors of float64`,
  );
});

test("prefixes one behind another are dropped", async () => {
  expect(Object.keys(await read(archive(pickledTensor({ name: "module._orig_mod.module.w" }))))).toEqual(["w"]);
});

test("a TorchScript archive: the tensors of its objects, by dotted names", async () => {
  const tensors = await read(await fixture("torchscript.pt"));
  expect(tensors).toEqual(await expectedOf("torchscript"));
  expect(Object.keys(tensors)).toContain("layers.2.weight");
});

const forbidden = [
  ["whole-module.pt", '"__main__.Net"'],
  ["command.pt", '"posix.system"'],
  ["command-legacy.pt", '"posix.system"'],
] as const;

for (const [name, global] of forbidden) {
  test(`${name}: the forbidden name is refused and nothing is run`, async () => {
    const opening = openCheckpoint(await fixture(name));
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(`the pickle asks for ${global}, which is not data and is never run`);
    expect(existsSync("/tmp/checkpoint-was-executed")).toBe(false);
  });
}

test("a pickle that isn't PyTorch's", async () => {
  await expect(openCheckpoint(await fixture("not-torch.pkl"))).rejects.toThrow("a pickle, but not PyTorch's");
});

test("archives by hand: plain, ZIP64, with a comment, with and without a byte order", async () => {
  const want = { w: { shape: [2, 2], data: [1, 2, 3, 4] } };
  expect(await read(archive(pickledTensor()))).toEqual(want);
  expect(await read(archive(pickledTensor(), { "archive/byteorder": new TextEncoder().encode("little") }))).toEqual(want);
  const entries = { "a/data.pkl": pickledTensor(), "a/data/0": floats(1, 2, 3, 4) };
  expect(await read(zip(entries, { zip64: true }))).toEqual(want);
  expect(await read(zip(entries, { comment: "PK\u0005\u0006 is not the end" }))).toEqual(want);
  expect(await read(zip({ "data.pkl": pickledTensor(), "data/0": floats(1, 2, 3, 4) }))).toEqual(want);
});

test("numbers that PyTorch negates when they are read are refused: the file has them as they aren't", async () => {
  await expect(openCheckpoint(await fixture("negated.pt"))).rejects.toThrow('a tensor\'s numbers are marked "neg"');
});

const refused: readonly (readonly [what: string, file: Uint8Array, message: string])[] = [
  ["big-endian numbers", archive(pickledTensor(), { "archive/byteorder": new TextEncoder().encode("big") }), "the numbers are big-endian"],
  [
    "a compressed entry",
    zip({ "a/data.pkl": pickledTensor() }, { method: 8 }),
    'the entry "a/data.pkl" is compressed; PyTorch stores tensors as they are, so save it again with torch.save (expected method 0 (stored), found method 8)',
  ],
  ["an encrypted entry", zip({ "a/data.pkl": pickledTensor() }, { flags: 1 }), "(expected method 0 (stored), found encrypted)"],
  ["a zip without data.pkl", zip({ "a/b": floats(1) }), "the zip holds no data.pkl"],
  ["a cut zip", archive(pickledTensor()).slice(0, -30), "the zip's end is missing: the file is cut short"],
  ["a storage that is absent", zip({ "a/data.pkl": pickledTensor() }), 'tensor "w": its storage is absent (expected "a/data/0")'],
  [
    "a storage that is cut",
    zip({ "a/data.pkl": pickledTensor(), "a/data/0": floats(1, 2, 3) }),
    'tensor "w": its storage is cut short (expected 4 elements of F32, found 3)',
  ],
  [
    "a tensor beyond its storage",
    archive(pickledTensor({ offset: 1 })),
    "a tensor reaches beyond its storage (expected elements below 4, found 4, from shape (2, 2), strides (2, 1), offset 1)",
  ],
  ["a huge stride", archive(pickledTensor({ strides: [2 ** 31 - 1, 1] })), "a tensor reaches beyond its storage"],
  ["a huge shape", archive(pickledTensor({ shape: [2 ** 31 - 1, 2 ** 31 - 1], strides: [0, 0] })), "a tensor reaches beyond its storage"],
  ["a negative stride", archive(pickledTensor({ strides: [-1, 1] })), "a tensor's arguments are damaged"],
  ["a negative offset", archive(pickledTensor({ offset: -1 })), "a tensor's arguments are damaged"],
  ["an unknown storage", archive(pickledTensor({ storage: "ComplexFloatStorage" })), '"torch.ComplexFloatStorage"'],
  ["no tensor at all", archive(pickled("}")), "no tensor is in it"],
  ["a pickle without end", archive(pickledTensor().slice(0, -1)), "the pickle is cut short"],
  ["an opcode that runs code", archive(pickled("(S'os'\ni")), "the opcode 0x53 at 3 is not one that data needs"],
  ["INST", archive(pickled("(ios\nsystem\n")), "the opcode 0x69"],
  ["an extension", archive(pickled(0x82, 1)), "the opcode 0x82"],
  ["a global from the stack", archive(pickled(text("os"), text("system"), 0x93)), '"os.system"'],
  ["a global with dots in it", archive(pickled("ctorch\n_utils.os.system\n")), '"torch._utils.os.system"'],
  ["a call of no name", archive(pickled(text("a"), ")R")), "what is called is not a known name"],
  ["a storage that is called", archive(pickled("ctorch\nFloatStorage\n)R")), '"torch.FloatStorage" is called'],
  ["a tensor from no storage", archive(pickled("ctorch._utils\n_rebuild_tensor_v2\n)R")), "a tensor's arguments are damaged"],
  [
    "a rebuild of a rebuild",
    archive(pickled("ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._tensor\n_rebuild_from_type_v2\nN)NtR")),
    "a tensor's arguments are damaged",
  ],
  ["a persistent id that is no storage", archive(pickled(text("x"), "Q")), 'the persistent id is "x", not a storage'],
  ["an empty stack", archive(pickled("0")), "the stack is empty"],
  ["a list that gets items without a mark", archive(pickled("]e")), "there is no mark"],
  ["a memo entry that isn't there", archive(pickled("h\u0007")), "the memo has no entry 7"],
  ["a key without a value", archive(pickled("}(Nu")), "a key without a value"],
  ["an unhashable target", archive(pickled("NNNs")), "items are set on what is not a dictionary"],
];

for (const [what, file, message] of refused) {
  test(`refuses ${what}`, async () => {
    const opening = openCheckpoint(new Map([["pytorch_model.bin", file]]));
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toThrow("pytorch_model.bin");
  });
}

test("a legacy file that is cut, or whose count is another, names what is wrong", async () => {
  const whole = await fixture("every-dtype-legacy.bin");
  await expect(openCheckpoint(whole.slice(0, -1))).rejects.toThrow("the file is cut short (expected 1915 bytes, found 1914)");
  await expect(openCheckpoint(whole.slice(0, 500))).rejects.toThrow("the pickle is cut short");
  const edited = whole.slice();
  const numbers = Buffer.from(edited.buffer).indexOf(floats(-3, -2, -1, 0, 1, 2));
  edited[numbers - 8] = 9;
  await expect(read(edited)).rejects.toThrow('tensor "float32": its storage is damaged (expected 6 elements, found 9)');
});

const hostile: readonly (readonly [what: string, pickle: () => Uint8Array])[] = [
  ["ten million empty dictionaries", () => pickled("}".repeat(10_000_000))],
  ["ten million nested tuples", () => pickled(")", new Uint8Array(10_000_000).fill(0x85))],
  ["ten million marks", () => pickled("(".repeat(10_000_000))],
  ["ten million nones", () => pickled("N".repeat(10_000_000))],
  ["a list that holds itself", () => pickled("]q\u0000h\u0000a")],
  ["a dictionary that holds itself", () => pickled("}q\u0000", text("a"), "h\u0000s")],
  [
    "a billion laughs",
    () =>
      pickled(
        "]q\u0000",
        ...Array.from({ length: 60 }, (_, i) => [
          `](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}`,
        ]).flat(),
      ),
  ],
  [
    "copies of copies",
    () =>
      pickled(
        "]q\u0000(",
        ...Array.from({ length: 1000 }, (_, i) => [int(i), "N", 0x86]).flat(),
        "e0ccollections\nOrderedDict\nq\u00010",
        ...Array.from({ length: 10_000 }, () => ["h\u0001h\u0000", 0x85, "R0"]).flat(),
        "}",
      ),
  ],
  [
    "attributes set over and over",
    () =>
      pickled(
        "}q\u0000(",
        ...Array.from({ length: 1000 }, (_, i) => [int(i), "N"]).flat(),
        "u0cargparse\nNamespace\n)R",
        ...Array.from({ length: 10_000 }, () => "h\u0000b"),
      ),
  ],
  ["a tensor of a long name", () => pickledTensor({ name: "module.".repeat(20_000) })],
  ["a name of 2 GB", () => pickled("X", integers(4, 0x7fffffff), "a")],
  ["a line without end", () => pickled("c", "a".repeat(1_000_000))],
  ["long names nested", () => pickled("}q\u0000", ...Array.from({ length: 20 }, () => ["}", text("a".repeat(3000))]).flat())],
];

for (const [what, pickle] of hostile) {
  test(`${what}: refused quickly, without much memory`, async () => {
    const file = archive(pickle());
    const begin = performance.now();
    await expect(openCheckpoint(file)).rejects.toThrow(CheckpointError);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
}

test("whatever a pickle says, only a CheckpointError is thrown, and tensors stay inside their storages", async () => {
  const opcodes = [..."(.0NKMJGXUTqrhj)]}aesutcRbQ"]
    .map((c) => c.charCodeAt(0))
    .concat(0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x8f, 0x90, 0x91, 0x93, 0x94, 0x95, 0x42, 0x43);
  const names = [
    "torch._utils\n_rebuild_tensor_v2\n",
    "collections\nOrderedDict\n",
    "torch\nFloatStorage\n",
    "torch.nn.parameter\nParameter\n",
    "__torch__\nA\n",
    "os\nsystem\n",
  ];
  const pieces = fc.oneof(
    fc.constantFrom(...opcodes).map((code) => new Uint8Array([code])),
    fc.constantFrom(...names).map((name) => new TextEncoder().encode(`c${name}`)),
    fc.constantFrom("storage", "0", "w", "model").map(text),
    fc.nat(9).map((n) => new Uint8Array([0x4b, n])),
    fc.constantFrom("q\u0000", "h\u0000", "(", "t", ")R", "Q", "}", "s").map((code) => new TextEncoder().encode(code)),
  );
  const invented = fc.array(pieces, { maxLength: 60 }).map((parts) => pickled(...parts));
  const seeds = [pickledTensor(), pickledTensor({ shape: [4], strides: [1] })];
  const edited = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }))
    .map(([seed, edits]) => {
      const bytes = seed.slice();
      for (const [at, value] of edits) bytes[at % bytes.length] = value;
      return bytes;
    });
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(invented, edited, fc.uint8Array({ maxLength: 80 })), async (pickle) => {
      try {
        await read(archive(pickle));
        opened++;
      } catch (error) {
        expect(error).toBeInstanceOf(CheckpointError);
      }
    }),
    { numRuns: 30_000 },
  );
  expect(opened).toBeGreaterThan(10); // it isn't all refused at the door
});

test("whatever happens to a PyTorch file, only a CheckpointError is thrown", async () => {
  const names = ["strided.pt", "strided-legacy.pt", "torchscript.pt", "every-dtype-protocol4.pt", "wrapped-parameters.pth"];
  const seeds = await Promise.all(names.map(fixture));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
      fc.option(fc.nat(12_000)),
      async (seed, edits, length) => {
        const bytes = seed.slice(0, length ?? seed.length);
        for (const [at, value] of edits) if (bytes.length > 0) bytes[at % bytes.length] = value;
        try {
          await read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      },
    ),
    { numRuns: 10_000 },
  );
});
