/** Adapters' files: what fits, and what is refused. That they are PEFT's own is tested in models-nlp and models-vision. */
import { checkForLeaks } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { CheckpointError, init, liveBytes, LoRA } from "../src/index.ts";
import { encodeSafetensors } from "../src/save.ts";
import { makeLittle } from "./little.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

describe("files", () => {
  const wrapped = (name: string): string => `base_model.model.${name}`;
  const config = { peft_type: "LORA", r: 2, lora_alpha: 4, target_modules: ["query"], modules_to_save: ["classifier", "score"] };
  const entries: Readonly<Record<string, readonly number[]>> = {
    [wrapped("little.attn.query.lora_A.weight")]: [2, 6],
    [wrapped("little.attn.query.lora_B.weight")]: [4, 2],
    [wrapped("classifier.weight")]: [2, 5],
    [wrapped("classifier.bias")]: [2],
  };

  async function files(settings: object = {}, shapes: Readonly<Record<string, readonly number[] | undefined>> = {}) {
    const weights = new Map(
      Object.entries({ ...entries, ...shapes }).flatMap(([name, shape]) => {
        const values = new Float32Array((shape ?? []).reduce((product, length) => product * length, 1)).fill(0.5);
        return shape ? [[name, { shape, view: () => values }] as const] : [];
      }),
    );
    return new Map([
      ["adapter_config.json", new TextEncoder().encode(JSON.stringify({ ...config, ...settings }))],
      ["adapter_model.safetensors", new Uint8Array(await encodeSafetensors(weights).arrayBuffer())],
    ]);
  }

  test("one that fits: names with and without the base model's prefix, extra files' names aside", async () => {
    using model = makeLittle();
    using lora = await LoRA.fromPretrained(model, await files());
    expect(lora.numParameters).toBe(12 + 8 + 12);
    expect(model.head.weight.data.every((value) => value === 0.5)).toBe(true);
    lora.disable();
    const bare = Object.fromEntries(Object.entries(entries).map(([name, shape]) => [name.replace("little.", ""), shape]));
    const gone = Object.fromEntries(Object.keys(entries).map((name) => [name, undefined]));
    using again = await LoRA.fromPretrained(model, await files({}, { ...gone, ...bare }));
    expect(again.enabled).toBe(true);
  });

  test("what PEFT passes over for linear layers, or will say one day", async () => {
    using model = makeLittle();
    using lora = await LoRA.fromPretrained(model, await files({ fan_in_fan_out: true, qalora_group_size: 16, use_tomorrow: 1 }));
    expect(lora.notes).toEqual(['adapter_config.json: "use_tomorrow" isn\'t known here and was passed over']);
  });

  test("an entry can be passed over", async () => {
    using model = makeLittle();
    using lora = await LoRA.fromPretrained(model, await files(), { ignore: ["classifier.*"] });
    expect(model.head.weight.data.some((value) => value === 0.5)).toBe(false);
    expect(lora.numParameters).toBe(20);
  });

  test("a target that the file lacks can be allowed, and nothing else", async () => {
    using model = makeLittle();
    const partial = { target_modules: ["query", "value"] };
    using lora = await LoRA.fromPretrained(model, await files(partial), { strict: false });
    expect(lora.numParameters).toBe(12 + 8 + 12);
    lora.disable();
    const halved = await files(partial, { [wrapped("little.attn.query.lora_A.weight")]: undefined });
    await expect(LoRA.fromPretrained(model, halved, { strict: false })).rejects.toThrow("1 missing: little.attn.query.lora_A.weight");
  });

  test.each<[what: string, message: string, settings: object, shapes?: Readonly<Record<string, readonly number[] | undefined>>]>([
    ["another method", 'peft_type is wrong (expected "LORA", found "\\"IA3\\"")', { peft_type: "IA3" }],
    ["QALoRA", "use_qalora is true, which can't be followed: it is another method than LoRA and DoRA", { use_qalora: true }],
    ["a DoRA that isn't one", 'use_dora is wrong (expected true or false, found "1")', { use_dora: 1 }],
    ["a DoRA without lengths", "1 missing: little.attn.query.lora_magnitude_vector", { use_dora: true }],
    ["trained biases", 'bias is "all", which can\'t be followed: biases stay', { bias: "all" }],
    ["a bias on B", "lora_bias is true, which can't be followed", { lora_bias: true }],
    ["repeated layers", "layer_replication is [[0,1]], which can't be followed", { layer_replication: [[0, 1]] }],
    ["tokens", "trainable_token_indices is [1], which can't be followed", { trainable_token_indices: [1] }],
    ["PiSSA", 'the adapter was begun by "pissa_niter_4", which changes the base model too', { init_lora_weights: "pissa_niter_4" }],
    ["a rank that isn't one", "r is wrong (expected a whole number from 1 on", { r: 1.5 }],
    ["a scaling that isn't one", 'use_rslora is wrong (expected true or false, found "\\"yes\\"")', { use_rslora: "yes" }],
    ["an alpha that isn't one", "lora_alpha is wrong (expected a number", { lora_alpha: "8" }],
    ["a dropout that isn't one", "lora_dropout is wrong", { lora_dropout: 1 }],
    ["targets that aren't", "target_modules is wrong (expected a list of names", { target_modules: [1] }],
    ["modules that aren't", "modules_to_save is wrong (expected a list of names", { modules_to_save: "classifier" }],
    ["a rank pattern that isn't one", "rank_pattern is wrong (expected an object", { rank_pattern: [1] }],
    ["a rank pattern with an expression", "rank_pattern is wrong (expected plain names of modules", { rank_pattern: { "(a+)+$": 4 } }],
    [
      "ranks in it that aren't",
      "rank_pattern is wrong (expected a whole number from 1 on for every module",
      { rank_pattern: { query: 0 } },
    ],
    ["another rank", "little.attn.query.lora_A.weight): expected (3, 6), found (2, 6)", { r: 3 }],
    ["a huge rank", "expected (1000000000, 6), found (2, 6)", { r: 1e9 }],
    ["another width", "expected (2, 6), found (2, 7)", {}, { [wrapped("little.attn.query.lora_A.weight")]: [2, 7] }],
    ["another head", "head.weight (classifier.weight): expected (2, 5), found (3, 5)", {}, { [wrapped("classifier.weight")]: [3, 5] }],
    ["no B", "1 missing: little.attn.query.lora_B.weight", {}, { [wrapped("little.attn.query.lora_B.weight")]: undefined }],
    [
      "no head",
      "2 missing: head.weight (classifier.weight), head.bias (classifier.bias)",
      {},
      { [wrapped("classifier.weight")]: undefined, [wrapped("classifier.bias")]: undefined },
    ],
    ["a target that is left out", "2 missing: little.attn.value.lora_A.weight", { target_modules: ["query", "value"] }],
    [
      "a layer that the model lacks",
      "the adapter is for layers that the model doesn't have (found bert.query)",
      {},
      { [wrapped("bert.query.lora_A.weight")]: [2, 6] },
    ],
    [
      "more than LoRA",
      "1 unexpected: little.attn.query.lora_magnitude_vector.weight",
      {},
      { [wrapped("little.attn.query.lora_magnitude_vector.weight")]: [4] },
    ],
    ["a module nobody announced", "1 unexpected: little.out.dense.bias", {}, { [wrapped("little.out.dense.bias")]: [5] }],
    ["a part of a joined matrix", "can't be trained alone", { modules_to_save: ["key"] }],
  ])("refused: %s", async (_, message, settings, shapes) => {
    using model = makeLittle();
    const bytes = liveBytes();
    const attempt = LoRA.fromPretrained(model, await files(settings, shapes));
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toBeInstanceOf(CheckpointError);
    expect(model.qkv.adapters.size).toBe(0);
    expect(model.qkv.weight.requiresGrad).toBe(true);
    expect(liveBytes()).toBe(bytes);
  });

  test("refused: no configuration, no weights, a damaged file", async () => {
    using model = makeLittle();
    const whole = await files();
    const without = (name: string): Map<string, Uint8Array<ArrayBuffer>> => new Map([...whole].filter(([key]) => key !== name));
    await expect(LoRA.fromPretrained(model, without("adapter_config.json"))).rejects.toThrow('there is no "adapter_config.json"');
    await expect(LoRA.fromPretrained(model, without("adapter_model.safetensors"))).rejects.toThrow(
      'there is no "adapter_model.safetensors"',
    );
    const bytes = whole.get("adapter_model.safetensors") ?? new Uint8Array();
    await expect(LoRA.fromPretrained(model, new Map([...whole, ["adapter_model.safetensors", bytes.slice(0, 90)]]))).rejects.toBeInstanceOf(
      CheckpointError,
    );
    await expect(LoRA.fromPretrained(model, new Map([...whole, ["adapter_config.json", new TextEncoder().encode("[")]]))).rejects.toThrow(
      "is not JSON",
    );
    const other = encodeSafetensors(new Map([["some.weight", { shape: [1], view: () => new Float32Array(1) }]]));
    const foreign = new Map([...whole, ["adapter_model.safetensors", new Uint8Array(await other.arrayBuffer())]]);
    await expect(LoRA.fromPretrained(model, foreign)).rejects.toThrow("there are no weights of a LoRA (found some.weight)");
  });
});
