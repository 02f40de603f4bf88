import { readFileSync } from "node:fs";
import { argmax, type FileBytes, init, intTensor, liveBytes, logSoftmax, noGrad, Rng, slice, tensor, type Tensor } from "@x/layers";
import type { JsonObject } from "@x/layers/model";
import { expectClose } from "@x/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { beamSearch } from "../src/generation/beam-search.ts";
import { greedy, sampler } from "../src/generation/choose.ts";
import { candidatesOf } from "../src/generation/drawing.ts";
import { generationDefaultsFrom } from "../src/generation/pretrained-generation.ts";
import { applyRules } from "../src/generation/rules.ts";
import { stepwise } from "../src/generation/stepwise.ts";
import { topCandidates } from "../src/generation/top-candidates.ts";
import { type Decoding, generate, type Generated, type GenerateOptions, generateSteps, Marian, type TextInput } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

interface Case {
  readonly options: Readonly<Record<string, unknown>>;
  readonly sequences: readonly (readonly number[])[];
  readonly scores: readonly number[] | null;
}
const golden = JSON.parse(readFileSync(`${goldenFolder("marian_trained")}/generation.json`, "utf8")) as {
  readonly input_ids: number[][];
  readonly attention_mask: number[][];
  readonly cases: readonly Case[];
};
const common = { maxLength: 10, badWordsIds: [[39]], renormalizeLogits: true, forcedEosTokenId: 0 };

let model: Marian;
let text: Required<Pick<TextInput, "inputIds" | "attentionMask">>;
beforeAll(async () => {
  model = await Marian.fromPretrained(goldenFolder("marian_trained"));
  text = { inputIds: intTensor(golden.input_ids), attentionMask: intTensor(golden.attention_mask) };
});
afterAll(() => {
  model.dispose();
  text.inputIds.dispose();
  text.attentionMask.dispose();
});

/** Without any cache: every step runs the whole model over everything so far. */
class UncachedDecoding implements Decoding {
  #inputs: number[][];
  #masks: number[][];
  #targets: number[][];
  readonly #model: Marian;

  constructor(whole: Marian, { inputIds, attentionMask }: typeof text, sequencesPerInput: number) {
    const repeated = (rows: Tensor<"int32">): number[][] =>
      (rows.toArray() as number[][]).flatMap((row) => Array.from({ length: sequencesPerInput }, () => row));
    this.#model = whole;
    this.#inputs = repeated(inputIds);
    this.#masks = repeated(attentionMask);
    this.#targets = this.#inputs.map(() => []);
  }

  step(tokens: Tensor<"int32">): Tensor {
    for (const [row, token] of tokens.data.entries()) this.#targets[row]?.push(token);
    const input = { inputIds: intTensor(this.#inputs), attentionMask: intTensor(this.#masks) };
    const logits = this.#model.forward(input, { inputIds: intTensor(this.#targets) });
    const last = slice(logits, 1, -1);
    return last.view([last.shape[0] ?? 0, last.shape[2] ?? 0]);
  }

  select(rows: readonly number[]): void {
    const chosen = (all: number[][]): number[][] => rows.map((row) => [...(all[row] ?? [])]);
    [this.#inputs, this.#masks, this.#targets] = [chosen(this.#inputs), chosen(this.#masks), chosen(this.#targets)];
  }

  [Symbol.dispose](): void {
    this.#targets = [];
  }
}

const uncached = (): { config: Marian["config"]; generation: object; startDecoding(input: TextInput, sequences?: number): Decoding } => ({
  config: model.config,
  generation: model.generation,
  startDecoding: (_, sequences = 1) => new UncachedDecoding(model, text, sequences),
});

const optionsOf = ({ options }: Case): GenerateOptions => ({
  ...common,
  numBeams: options["num_beams"] as number,
  maxLength: options["max_length"] as number,
  badWordsIds: options["bad_words_ids"] as number[][],
  renormalizeLogits: options["renormalize_logits"] as boolean,
  ...("length_penalty" in options && { lengthPenalty: options["length_penalty"] as number }),
  ...("early_stopping" in options && { earlyStopping: options["early_stopping"] as boolean | "never" }),
  ...("num_return_sequences" in options && { numReturnSequences: options["num_return_sequences"] as number }),
  ...("forced_eos_token_id" in options && { forcedEosTokenId: null }),
});

const withStart = (found: readonly (readonly Generated[])[], length: number): number[][] =>
  found.flat().map(({ tokens }) => [39, ...tokens, ...Array<number>(length).fill(39)].slice(0, length));

test.each(golden.cases.map((one) => [JSON.stringify(one.options), one] as const))(
  "what Hugging Face's library writes: %s",
  async (_, one) => {
    const found = await generate(model, text, optionsOf(one));
    expect(withStart(found, one.sequences[0]?.length ?? 0)).toEqual(one.sequences);
    if (one.scores) {
      expectClose(
        found.flat().map(({ score }) => score),
        one.scores,
        "scores",
      );
    }
  },
);

test.each<[string, GenerateOptions]>([
  ["greedy", { ...common, numBeams: 1 }],
  ["beams", { ...common, numBeams: 4, numReturnSequences: 4 }],
  ["beams of other lengths", { ...common, numBeams: 3, numReturnSequences: 2, lengthPenalty: 0, maxLength: 40, forcedEosTokenId: null }],
])("with and without the key/value cache: the same tokens and scores, %s", async (_, options) => {
  const [cached, whole] = [await generate(model, text, options), await generate(uncached(), text, options)];
  expect(cached.map((one) => one.map(({ tokens }) => tokens))).toEqual(whole.map((one) => one.map(({ tokens }) => tokens)));
  expectClose(
    cached.flat().map(({ score }) => score),
    whole.flat().map(({ score }) => score),
  );
});

test("with and without the cache: the same draws", async () => {
  const sampling = (): GenerateOptions => ({ ...common, sampling: { rng: new Rng(5), temperature: 2 } });
  expect((await generate(model, text, sampling())).flat().map(({ tokens }) => tokens)).toEqual(
    (await generate(uncached(), text, sampling())).flat().map(({ tokens }) => tokens),
  );
});

test("an input's result doesn't depend on what else is in the batch", async () => {
  const options = { ...common, numBeams: 3 };
  const together = await generate(model, text, options);
  for (const [i, ids] of golden.input_ids.entries()) {
    const length = golden.attention_mask[i]?.filter((kept) => kept === 1).length ?? 0;
    using inputIds = intTensor([ids.slice(0, length)]);
    const [alone] = await generate(model, { inputIds }, options);
    expect(alone?.[0]?.tokens).toEqual(together[i]?.[0]?.tokens);
  }
});

test("tokens come as they are written, and can be left at any point", async () => {
  const [whole] = await generate(model, { inputIds: text.inputIds }, common);
  const before = liveBytes();
  const steps: number[] = [];
  for await (const step of generateSteps(model, { inputIds: text.inputIds }, common)) {
    const first = step.find(({ sequence }) => sequence === 0);
    if (first) steps.push(first.token);
    if (steps.length === 3) break;
  }
  expect(steps).toEqual(whole?.[0]?.tokens.slice(0, 3));
  expect(liveBytes()).toBe(before);
});

test("drawing: the same seed, the same text; topK 1 is greedy; a high temperature strays", async () => {
  const draw = async (seed: number, rest: object): Promise<unknown> =>
    (await generate(model, text, { ...common, sampling: { rng: new Rng(seed), ...rest } })).flat().map(({ tokens }) => tokens);
  const best = (await generate(model, text, common)).flat().map(({ tokens }) => tokens);
  expect(await draw(1, { topK: 1 })).toEqual(best);
  expect(await draw(1, { topP: 1e-6 })).toEqual(best);
  expect(await draw(7, { temperature: 5 })).toEqual(await draw(7, { temperature: 5 }));
  expect(await draw(7, { temperature: 5 })).not.toEqual(await draw(8, { temperature: 5 }));
});

test("drawing: tokens come as often as their probabilities say; topK and topP cut the unlikely off", async () => {
  await init();
  const logProbs = Float32Array.from([0.5, 0.05, 0.3, 0.15], Math.log);
  const frequencies = (options: object): number[] => {
    const choose = sampler({ rng: new Rng(3), ...options });
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[choose(logProbs)]! += 1 / 4000;
    return counts;
  };
  const near = (found: number[], expected: number[]): void => {
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 1);
  };
  near(frequencies({}), [0.5, 0.05, 0.3, 0.15]);
  near(frequencies({ topK: 2 }), [0.625, 0, 0.375, 0]);
  expect(frequencies({ topK: 2 })[1]).toBe(0);
  near(frequencies({ topP: 0.9 }), [0.526, 0, 0.316, 0.158]);
  expect(frequencies({ topP: 0.9 })[1]).toBe(0);
  const squared = [0.25, 0.0025, 0.09, 0.0225].map((value) => value / 0.365);
  near(frequencies({ temperature: 0.5 }), squared);
  expect(() => sampler({ rng: new Rng(0), topP: 0 })).toThrow("sampling: topP must be above 0 and at most 1, but is 0");
});

describe("drawing: what each setting leaves, as Hugging Face's library has it", () => {
  interface Drawn {
    readonly settings: JsonObject;
    readonly logits: readonly (number | null)[];
    readonly probabilities: readonly number[];
  }
  const cases = JSON.parse(readFileSync(new URL("../golden/drawing.json", import.meta.url), "utf8")) as Drawn[];
  test.each(cases.map((one) => [JSON.stringify(one.settings), one] as const))("%s", (_, { settings, logits, probabilities }) => {
    const { drawing = {} } = generationDefaultsFrom(settings, {});
    const found = logits.map(() => 0);
    for (const { token, probability } of candidatesOf(
      Float32Array.from(logits, (value) => value ?? -Infinity),
      drawing,
    ))
      found[token] = probability;
    for (const [token, probability] of probabilities.entries()) expect(found[token], String(token)).toBeCloseTo(probability, 5);
  });
});

test("files that want tokens drawn: a call says from what; what it doesn't say of drawing is as they say", async () => {
  const generation = generationDefaultsFrom({ do_sample: true, top_k: 1, top_p: 0.9, min_p: null }, {});
  expect(generation).toEqual({ doSample: true, drawing: { topK: 1, topP: 0.9 } });
  const asked = { config: model.config, generation, startDecoding: model.startDecoding.bind(model) };
  await expect(generate(asked, text, common)).rejects.toThrow(/are to be drawn; say `sampling: .*`doSample: false`/);
  const tokens = async (options: GenerateOptions): Promise<unknown> =>
    (await generate(asked, text, { ...common, ...options })).flat().map((one) => one.tokens);
  const likeliest = await tokens({ doSample: false });
  expect(await tokens({ sampling: { rng: new Rng(3) } })).toEqual(likeliest);
  expect(await tokens({ sampling: { rng: new Rng(3), topK: 50, topP: 1, temperature: 9 } })).not.toEqual(likeliest);
});

test("beam search finds what trying all sequences finds", async () => {
  await init();
  const [vocabSize, maxLength] = [4, 5];
  const table = Array.from({ length: 60 }, (_, i) => 2 * Math.sin(1 + 7.3 * i * i)); // logits by last token and length
  const logitsAfter = (tokens: readonly number[]): number[] => {
    const at = ((tokens.at(-1) ?? 0) * 11 + tokens.length * 5) % 40;
    return table.slice(at, at + vocabSize);
  };
  class Table implements Decoding {
    #rows: number[][];
    constructor(count: number) {
      this.#rows = Array.from({ length: count }, () => []);
    }
    step(tokens: Tensor<"int32">): Tensor {
      for (const [row, token] of tokens.data.entries()) this.#rows[row]?.push(token);
      return tensor(this.#rows.map(logitsAfter));
    }
    select(rows: readonly number[]): void {
      this.#rows = rows.map((row) => [...(this.#rows[row] ?? [])]);
    }
    [Symbol.dispose](): void {
      this.#rows = [];
    }
  }
  const logProbsAfter = (tokens: readonly number[]): number[] => noGrad(() => [...logSoftmax(tensor([logitsAfter(tokens)])).data]);
  const all = (tokens: number[], sum: number): { tokens: number[]; score: number }[] =>
    tokens.length === maxLength || (tokens.length > 1 && tokens.at(-1) === 0)
      ? [{ tokens, score: sum / (tokens.length - 1) ** 0.7 }]
      : logProbsAfter(tokens).flatMap((logProb, token) => all([...tokens, token], sum + logProb));
  const [best] = all([3], 0).toSorted((a, b) => b.score - a.score);
  const options = { numBeams: 60, lengthPenalty: 0.7, earlyStopping: "never", ends: [0], maxLength, startToken: 3 } as const;
  const [[found] = []] = await beamSearch(new Table(60), 1, options);
  expect(found?.tokens).toEqual(best?.tokens);
  expect(found?.score).toBeCloseTo(best?.score ?? 0, 5);

  const greedily: number[] = [3];
  for await (const [step] of stepwise(new Table(1), 1, { choose: greedy, ends: [0], maxLength, startToken: 3 }))
    greedily.push(step?.token ?? -1);
  const expected: number[] = [3];
  while (expected.length < maxLength && (expected.length === 1 || expected.at(-1) !== 0)) {
    expected.push(noGrad(() => argmax(tensor([logitsAfter(expected)])).data[0] ?? -1));
  }
  expect(greedily).toEqual(expected);
});

test("rules: forbidden words and rows of words, the forced end, renormalising", async () => {
  await init();
  noGrad(() => {
    const uniform = (): Tensor =>
      logSoftmax(
        tensor([
          [0, 0, 0, 0],
          [0, 0, 0, 0],
        ]),
      );
    const rules = { ends: [0], maxLength: 9, badWordsIds: [[1], [0], [3, 2], [3, 3, 3]] };
    const kept = [
      ...applyRules(
        uniform(),
        [
          [3, 3],
          [1, 3],
        ],
        rules,
      ).data,
    ].map((value) => value > -Infinity);
    expect(kept).toEqual([true, false, false, false, true, false, false, true]); // the end can't be forbidden
    const renormalised = applyRules(uniform(), [[2], [2]], { ...rules, renormalizeLogits: true });
    expect(Math.exp(renormalised.data[0] ?? 0)).toBeCloseTo(1 / 3, 6);
    const forced = applyRules(
      uniform(),
      [
        [2, 2],
        [2, 2],
      ],
      { ...rules, maxLength: 3, forcedEosTokenId: 2 },
    );
    expect([...forced.toTypedArray()]).toEqual([-Infinity, -Infinity, 0, -Infinity, -Infinity, -Infinity, 0, -Infinity]);
  });
});

test("the best candidates, the best first, of equals the first", () => {
  expect(topCandidates(Float32Array.of(1, 3, 2, 3, -Infinity), 3)).toEqual([1, 3, 2]);
  expect(topCandidates(Float32Array.of(-Infinity, 5), 9)).toEqual([1, 0]);
  expect(topCandidates(Float32Array.of(Number.NaN, 1, Number.NaN, 2), 3)).toEqual([3, 1]);
  const random = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i * i));
  expect(topCandidates(random, 20)).toEqual([...random.keys()].sort((a, b) => (random[b] ?? 0) - (random[a] ?? 0)).slice(0, 20));
});

test("memory: nothing is left after any way of writing, nor when aborted", async () => {
  const ways: GenerateOptions[] = [common, { ...common, numBeams: 3 }, { ...common, sampling: { rng: new Rng(1) } }];
  const aborted = { ...common, numBeams: 2, signal: AbortSignal.abort(new Error("enough")) };
  const use = async (): Promise<void> => {
    for (const options of ways) await generate(model, text, options);
    await expect(generate(model, text, aborted)).rejects.toThrow("enough");
    await expect(generate(model, text, { ...aborted, numBeams: 1 })).rejects.toThrow("enough");
  };
  await use();
  const before = liveBytes();
  for (let i = 0; i < 5; i++) await use();
  expect(liveBytes()).toBe(before);
});

test("options that contradict each other are refused", async () => {
  await expect(generate(model, text, { numBeams: 2, numReturnSequences: 3 })).rejects.toThrow(
    "are whole numbers from 1 to 256, the second at most the first, but are 2 and 3",
  );
  await expect(generate(model, text, { numBeams: 2, sampling: { rng: new Rng(0) } })).rejects.toThrow("sampling follows one sequence");
});

test.each([
  [{ do_sample: true, num_beams: 2 }, /do_sample with num_beams can't be followed/],
  [{ top_h: 0.4 }, /top_h is 0\.4/],
  [{ encoder_repetition_penalty: 1.3 }, /encoder_repetition_penalty is 1\.3/],
  [{ encoder_no_repeat_ngram_size: 3 }, /encoder_no_repeat_ngram_size is 3/],
  [{ sequence_bias: [[[1], 2]] }, /sequence_bias is \[\[\[1\],2\]\]/],
])("generation_config.json: %j can't be followed; the model loads, and says so when its settings are read", async (json, message) => {
  const folder = goldenFolder("marian");
  const files = new Map<string, FileBytes>(
    ["config.json", "model.safetensors"].map((file) => [file, new Uint8Array(readFileSync(`${folder}/${file}`))] as const),
  );
  files.set("generation_config.json", new TextEncoder().encode(JSON.stringify(json)));
  using marian = await Marian.fromPretrained(files);
  expect(() => marian.generation).toThrow(message);
  expect(() => marian.generation).toThrow(/^the given files: the generation beside .*; set `generation` to one of your own$/);
  await expect(generate(marian, text)).rejects.toThrow(message);
  marian.generation = {};
  expect((await generate(marian, text, { maxLength: 3 })).length).toBe(text.inputIds.shape[0]);
});

test.each([
  [{ num_beams: 0 }, /num_beams \(expected a whole number from 1 on, found 0\)/],
  [{ max_length: "9" }, /max_length \(expected a whole number/],
  [{ length_penalty: -1e308 }, /length_penalty \(expected a number from −100 to 100/],
  [{ early_stopping: "often" }, /early_stopping \(expected true, false or "never"/],
  [{ bad_words_ids: [[1.5]] }, /bad_words_ids \(expected rows of ids/],
  [{ eos_token_id: [0, -5] }, /eos_token_id \(expected an id, or ids, found \[0,-5\]\)/],
  [{ repetition_penalty: 0 }, /repetition_penalty \(expected a number above 0/],
  [{ min_new_tokens: 1.5 }, /min_new_tokens \(expected a whole number from 0 on/],
  [{ suppress_tokens: [[1]] }, /suppress_tokens \(expected ids/],
  [{ top_p: 1.5 }, /top_p \(expected above 0 and at most 1, found 1\.5/],
  [{ temperature: 0 }, /temperature \(expected a number above 0/],
])("generation_config.json: %j makes no sense", (json, message) => {
  expect(() => generationDefaultsFrom(json, {})).toThrow(message);
  expect(() => generationDefaultsFrom(json, {})).toThrow(expect.objectContaining({ name: "CheckpointError" }));
});

test("generation_config.json: what changes nothing is passed over", () => {
  const json = {
    repetition_penalty: 1,
    do_sample: false,
    temperature: 0.7,
    min_length: 0,
    no_repeat_ngram_size: null,
    own_key: 3,
    transformers_version: "5",
  };
  expect(generationDefaultsFrom(json, { num_beams: 4 })).toEqual({
    minLength: 0,
    repetitionPenalty: 1,
    doSample: false,
    drawing: { temperature: 0.7 },
  });
});

test("nothing runs away: lengths, beams and penalties have limits, and logits that are no numbers are an error", async () => {
  const config = { ...model.config, maxPositionEmbeddings: 2 ** 40 };
  await expect(generate({ config, generation: {}, startDecoding: model.startDecoding.bind(model) }, text)).rejects.toThrow(
    /at most 65536 tokens are written/,
  );
  await expect(generate(model, text, { numBeams: 1e6 })).rejects.toThrow("are whole numbers from 1 to 256");
  await expect(generate(model, text, { numBeams: 2, lengthPenalty: 1e9 })).rejects.toThrow("lengthPenalty must be from −100 to 100");
  await expect(generate(model, text, { maxLength: Number.NaN })).rejects.toThrow("maxLength must be a whole number from 1 on");
  await expect(generate(model, text, { forcedEosTokenId: 1e6, maxLength: 3 })).rejects.toThrow("forcedEosTokenId is 1000000");
  const logits = tensor([[Number.NaN, 0, 0]]);
  expect(() => noGrad(() => applyRules(logits, [[1]], { ends: [0], maxLength: 3 }))).toThrow("the model's logits are no numbers (NaN)");
});
