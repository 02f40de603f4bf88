/** Entries whose names a wrapper, a training's module or the caller has changed. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Checkpoint, CheckpointError, init, openCheckpoint } from "../../src/index.ts";
import { withoutHolder } from "../../src/model.ts";
import { encodeSafetensors } from "../../src/save.ts";

/** A file with a value for each name. */
async function file(values: Readonly<Record<string, number>>): Promise<Uint8Array<ArrayBuffer>> {
  const tensors = Object.entries(values).map(([name, value]) => {
    return [name, { shape: [1], dtype: "float32", view: () => Float32Array.of(value) }] as const;
  });
  return new Uint8Array(await encodeSafetensors(new Map(tensors)).arrayBuffer());
}

async function valuesOf(checkpoint: Checkpoint): Promise<Record<string, number>> {
  const read = new Map([...checkpoint.entries.keys()].map((name) => [name, new Float32Array(1)]));
  await checkpoint.readInto([...read].map(([name, view]) => [name, { shape: [1], view: () => view }] as const));
  return Object.fromEntries([...read].map(([name, [value = NaN]]) => [name, value]));
}

beforeAll(() => init());

describe("what wrappers put before names is left out (huggingface/safetensors#403, pytorch/pytorch#101107)", () => {
  test.each([
    ["DataParallel", { "module.a.weight": 1, "module.b": 2 }],
    ["torch.compile", { "_orig_mod.a.weight": 1, "_orig_mod.b": 2 }],
    ["both", { "module._orig_mod.a.weight": 1, "module._orig_mod.b": 2 }],
    ["both, the other way round", { "_orig_mod.module.a.weight": 1, "_orig_mod.module.b": 2 }],
    ["modules inside", { "a._orig_mod.weight": 1, b: 2 }],
    ["sharding", { "_fsdp_wrapped_module.a._fsdp_wrapped_module._checkpoint_wrapped_module.weight": 1, b: 2 }],
    ["an average of weights", { "module.a.weight": 1, b: 2 }],
  ])("%s", async (_, values) => {
    expect(await valuesOf(await openCheckpoint(await file(values)))).toEqual({ "a.weight": 1, b: 2 });
  });

  test.each<Readonly<Record<string, number>>>([
    { "module.a": 1, a: 2 },
    { "my_module.a": 1, "a.module.b": 2 },
  ])("unless two entries would have one name, or it is a module's own: %o", async (values) => {
    expect(await valuesOf(await openCheckpoint(await file(values)))).toEqual(values);
  });
});

test("a model that a training's module holds", async () => {
  const held = { "model.net.a.weight": 1, "model.net.b": 2 };
  expect(await valuesOf(withoutHolder(await openCheckpoint(await file(held))))).toEqual({ "a.weight": 1, b: 2 });
  const beside = { "model.a": 1, "loss.b": 2 };
  expect(await valuesOf(withoutHolder(await openCheckpoint(await file(beside))))).toEqual(beside);
});

describe("names as the caller says", () => {
  test("the first pattern that fits counts; all else stays", async () => {
    const rename = { "backbone.layers.{i}.*": "blocks.{i+1}.*", "backbone.*": "*" };
    const values = { "module.backbone.layers.0.w": 1, "module.backbone.norm": 2, head: 3 };
    expect(await valuesOf(await openCheckpoint(await file(values), { rename }))).toEqual({ "blocks.1.w": 1, norm: 2, head: 3 });
  });

  test("two entries can't have one name", async () => {
    const opening = openCheckpoint(await file({ "a.w": 1, w: 2 }), { rename: { "a.*": "*" } });
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow('`rename` gives two entries the name "w"');
  });
});
