import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { CheckpointError } from "../../src/files/checkpoint-error.ts";
import { loadWeights } from "../../src/checkpoint/load-weights.ts";
import { fillPattern, NamePattern } from "../../src/checkpoint/name-pattern.ts";
import { encodeSafetensors } from "../../src/checkpoint/save-safetensors.ts";
import { tensorsToSave } from "../../src/checkpoint/save-weights.ts";
import { firstOf, joined, reshaped, rowsOf, transposed, type WeightLayout } from "../../src/checkpoint/weight-table.ts";
import { type Memory, memory } from "./helpers.ts";

const D = 4;

const huggingFace: WeightLayout = {
  name: "Hugging Face",
  basePrefix: "vit.",
  table: {
    clsToken: "vit.embeddings.cls_token",
    "patchEmbed.weight": reshaped("vit.embeddings.patch_embeddings.projection.weight", [D, 1, 2, 2]),
    "blocks.{i}.norm1.*": "vit.encoder.layer.{i}.LayerNorm.*",
    "blocks.{i}.attn.qkv.*": joined(
      "vit.encoder.layer.{i}.attention.query.*",
      "vit.encoder.layer.{i}.attention.key.*",
      "vit.encoder.layer.{i}.attention.value.*",
    ),
    "proj.weight": transposed("vit.proj"),
    "query.weight": rowsOf("vit.in_proj_weight", 0, 1, 3),
    "keyValue.weight": rowsOf("vit.in_proj_weight", 1, 3, 3),
    bias: firstOf("cls.bias", "cls.predictions.bias"),
    "head.*": "classifier.*",
  },
  ignore: ["vit.pooler.*"],
  optional: ["bias"],
  aliases: { "vit.old.{i}.*": "vit.encoder.layer.{i}.*" },
};

const timm: WeightLayout = {
  name: "timm",
  table: {
    clsToken: "cls_token",
    "patchEmbed.weight": "patch_embed.proj.weight",
    "blocks.{i}.*": "blocks.{i+1}.*",
    "head.*": "head.*",
    "*": "*",
  },
};

const shapes: Readonly<Record<string, readonly number[]>> = {
  clsToken: [1, 1, D],
  "patchEmbed.weight": [D, 4],
  "blocks.0.norm1.weight": [D],
  "blocks.0.norm1.bias": [D],
  "blocks.0.attn.qkv.weight": [3 * D, D],
  "blocks.0.attn.qkv.bias": [3 * D],
  "blocks.10.attn.qkv.weight": [3 * D, D],
  "proj.weight": [3, D],
  "query.weight": [D, D],
  "keyValue.weight": [2 * D, D],
  bias: [],
  "head.weight": [5, D],
  "head.bias": [5],
};

/** A model's parameters, filled with different numbers or zeros. */
function parameters(fill = false, change: Readonly<Record<string, readonly number[]>> = {}): Map<string, Memory> {
  let next = 1;
  return new Map(
    Object.entries({ ...shapes, ...change }).map(([path, shape]) => {
      const made = memory(shape);
      if (fill) for (let i = 0; i < made.numbers.length; i++) made.numbers[i] = next++;
      return [path, made];
    }),
  );
}

const numbersOf = (all: ReadonlyMap<string, Memory>): Record<string, number[]> =>
  Object.fromEntries([...all].map(([path, { numbers }]) => [path, [...numbers]]));

/** A checkpoint with these entries, made by renaming or leaving out some of a saved model's. */
async function saved(
  layout: WeightLayout,
  rename: (key: string) => string | undefined = (key) => key,
  extra: Record<string, Memory> = {},
  change = {},
) {
  const tensors = [...tensorsToSave(parameters(true, change), layout)].flatMap(([key, tensor]) => {
    const name = rename(key);
    return name === undefined ? [] : [[name, tensor] as const];
  });
  return openCheckpoint(encodeSafetensors(new Map([...tensors, ...Object.entries(extra)])));
}

test("saved under foreign names and loaded back: everything is in its place", async () => {
  const checkpoint = await saved(huggingFace);
  expect([...checkpoint.entries].map(([key, { shape }]) => [key, [...shape]]).toSorted()).toEqual([
    ["classifier.bias", [5]],
    ["classifier.weight", [5, D]],
    ["cls.bias", []],
    ["vit.embeddings.cls_token", [1, 1, D]],
    ["vit.embeddings.patch_embeddings.projection.weight", [D, 1, 2, 2]],
    ["vit.encoder.layer.0.LayerNorm.bias", [D]],
    ["vit.encoder.layer.0.LayerNorm.weight", [D]],
    ["vit.encoder.layer.0.attention.key.bias", [D]],
    ["vit.encoder.layer.0.attention.key.weight", [D, D]],
    ["vit.encoder.layer.0.attention.query.bias", [D]],
    ["vit.encoder.layer.0.attention.query.weight", [D, D]],
    ["vit.encoder.layer.0.attention.value.bias", [D]],
    ["vit.encoder.layer.0.attention.value.weight", [D, D]],
    ["vit.encoder.layer.10.attention.key.weight", [D, D]],
    ["vit.encoder.layer.10.attention.query.weight", [D, D]],
    ["vit.encoder.layer.10.attention.value.weight", [D, D]],
    ["vit.in_proj_weight", [3 * D, D]],
    ["vit.proj", [D, 3]],
  ]);
  const loaded = parameters();
  const report = await loadWeights(loaded, checkpoint, [timm, huggingFace]);
  expect(numbersOf(loaded)).toEqual(numbersOf(parameters(true)));
  expect(report).toEqual({ layout: "Hugging Face", loaded: Object.keys(shapes), ignored: [], missing: [], unexpected: [], mismatched: [] });
});

test("the layout is recognised", async () => {
  const loaded = parameters();
  expect((await loadWeights(loaded, await saved(timm), [huggingFace, timm])).layout).toBe("timm");
  expect(numbersOf(loaded)).toEqual(numbersOf(parameters(true)));
  const strange = await openCheckpoint(encodeSafetensors(new Map([["x", memory([1])]])));
  await expect(loadWeights(parameters(), strange, [huggingFace])).rejects.toThrow(
    "none of the known layouts fits (expected Hugging Face, found keys such as x)",
  );
});

test("files of the bare base model, gamma and beta, other names, and entries nobody needs", async () => {
  const rename = (key: string): string | undefined => {
    if (key === "cls.bias") return "cls.predictions.bias";
    return key
      .replace(/^vit\.encoder\.layer\.(\d+)\.attention/, "vit.old.$1.attention")
      .replace("LayerNorm.weight", "LayerNorm.gamma")
      .replace("LayerNorm.bias", "LayerNorm.beta")
      .replace(/^vit\./, "");
  };
  const bareAliases: WeightLayout = { ...huggingFace, aliases: { "old.{i}.*": "encoder.layer.{i}.*" } };
  const extra = { "pooler.dense.weight": memory([2]), "embeddings.position_ids": memory([3]), input_resolution: memory([]) };
  const loaded = parameters();
  const report = await loadWeights(loaded, await saved(huggingFace, rename, extra), [bareAliases]);
  expect(numbersOf(loaded)).toEqual(numbersOf(parameters(true)));
  expect(report.unexpected).toEqual([]);
});

test("one number is one number, () or (1)", async () => {
  const loaded = parameters(false, { bias: [1] });
  await loadWeights(loaded, await saved(huggingFace), [huggingFace]);
  expect([...(loaded.get("bias")?.numbers ?? [])]).toEqual([...(parameters(true).get("bias")?.numbers ?? [])]);
});

test("all that is wrong comes in one error, and nothing is written", async () => {
  const rename = (key: string): string | undefined => (key.endsWith("key.bias") || key.startsWith("vit.in_proj") ? undefined : key);
  const checkpoint = await saved(huggingFace, rename, { "vit.more": memory([1]), "vit.pooler.dense.weight": memory([1]) });
  const loaded = parameters(false, { "head.weight": [7, D], "head.bias": [7], "blocks.10.attn.qkv.weight": [3 * D + 3, D] });
  const loading = loadWeights(loaded, checkpoint, [huggingFace]);
  await expect(loading).rejects.toThrow(CheckpointError);
  await expect(loading).rejects.toThrow(`the checkpoint (layout "Hugging Face") doesn't fit the model
3 missing: blocks.0.attn.qkv.bias (vit.encoder.layer.0.attention.key.bias), query.weight (vit.in_proj_weight), keyValue.weight (vit.in_proj_weight)
1 unexpected: vit.more
3 of another shape: blocks.10.attn.qkv.weight (vit.encoder.layer.10.attention.query.weight + vit.encoder.layer.10.attention.key.weight + vit.encoder.layer.10.attention.value.weight): expected together (15, 4), found (4, 4) + (4, 4) + (4, 4), head.weight (classifier.weight): expected (7, 4), found (5, 4), head.bias (classifier.bias): expected (7), found (5)`);
  expect(
    Object.values(numbersOf(loaded))
      .flat()
      .every((value) => value === 0),
  ).toBe(true);
});

test("not strict: what is there is loaded, the rest reported", async () => {
  const checkpoint = await saved(huggingFace, (key) => (key === "vit.proj" ? undefined : key), { "vit.more": memory([1]) });
  const loaded = parameters();
  const report = await loadWeights(loaded, checkpoint, [huggingFace], { strict: false });
  expect([report.missing, report.unexpected]).toEqual([["proj.weight"], ["vit.more"]]);
  expect([...(loaded.get("proj.weight")?.numbers ?? [])]).toEqual(Array.from({ length: 12 }, () => 0));
});

test("a new head: kept where its shape differs, or left alone by name", async () => {
  const head = { "head.weight": [7, D], "head.bias": [7] };
  const loaded = parameters(false, head);
  const report = await loadWeights(loaded, await saved(huggingFace), [huggingFace], { ignoreMismatched: true });
  expect(report.mismatched.map(({ parameter, key, expected, found }) => [parameter, key, expected, found])).toEqual([
    ["head.weight", "classifier.weight", "(7, 4)", "(5, 4)"],
    ["head.bias", "classifier.bias", "(7)", "(5)"],
  ]);
  const left = parameters();
  const other = await loadWeights(left, await saved(huggingFace), [huggingFace], { ignore: ["head.*"] });
  expect([other.mismatched, other.unexpected, other.loaded.includes("head.weight")]).toEqual([[], [], false]);
  expect([...(left.get("head.bias")?.numbers ?? [])]).toEqual([0, 0, 0, 0, 0]);
  const without = new Map([...parameters()].filter(([path]) => !path.startsWith("head.")));
  await loadWeights(without, await saved(huggingFace), [huggingFace], { ignore: ["classifier.*"] });
});

test("an optional parameter may be absent", async () => {
  const report = await loadWeights(parameters(), await saved(huggingFace, (key) => (key === "cls.bias" ? undefined : key)), [huggingFace]);
  expect([report.missing, report.loaded.includes("bias")]).toEqual([[], false]);
});

test("long lists are cut after 20 and counted", async () => {
  const layout: WeightLayout = { name: "plain", table: { "*": "*" } };
  const many = new Map(Array.from({ length: 50 }, (_, i) => [`p${i}`, memory([1])]));
  const checkpoint = await openCheckpoint(encodeSafetensors(new Map([["p0", memory([1])]])));
  await expect(loadWeights(many, checkpoint, [layout])).rejects.toThrow(/49 missing: p1 \(p1\), .*, p20 \(p20\), … and 29 more$/);
});

test("tables that can't be saved or don't know a parameter say so", async () => {
  const only = (path: string, shape: readonly number[]): Map<string, Memory> => new Map([[path, memory(shape)]]);
  expect(() => tensorsToSave(only("other", [1]), huggingFace)).toThrow('the table "Hugging Face" has no line for the parameter other');
  expect(() => tensorsToSave(only("blocks.0.attn.qkv.weight", [4, 4]), huggingFace)).toThrow(
    "can't be split equally (expected 3 parts, found 4 rows)",
  );
  expect(() => tensorsToSave(only("query.weight", [4, 4]), huggingFace)).toThrow(
    'tensor "vit.in_proj_weight": its last rows are missing among the parameters',
  );
  expect(() => tensorsToSave(only("keyValue.weight", [8, 4]), huggingFace)).toThrow("its rows overlap or are missing");
  await expect(loadWeights(only("other", [1]), await saved(huggingFace), [huggingFace])).rejects.toThrow(
    "has no line for the parameter other",
  );
});

test("patterns: letters are numbers, stars anything, and both sides agree", () => {
  expect(new NamePattern("a.{i}.b").match("a.12.b")?.numbers.get("i")).toBe(12);
  expect(new NamePattern("a.{i}.b").match("a.x.b")).toBeUndefined();
  expect(new NamePattern("a.{i}.{i}").match("a.1.2")).toBeUndefined();
  expect(new NamePattern("a.b").match("aXb")).toBeUndefined();
  const captures = new NamePattern("l.{s}.b.{b}.*").match("l.3.b.0.norm.weight");
  expect(captures && fillPattern("x.{s+1}.{b}.{s-1}.*", captures)).toBe("x.4.0.2.norm.weight");
  fc.assert(
    fc.property(fc.nat(999), fc.nat(999), fc.stringMatching(/^[a-z.]{0,12}$/), (i, j, rest) => {
      const name = `p.${i}.q.${j}.${rest}`;
      const found = new NamePattern("p.{i}.q.{j}.*").match(name);
      expect(found && fillPattern("p.{i}.q.{j}.*", found)).toBe(name);
    }),
  );
});
