/** fit: what it learns, when it evaluates, saves and stops, and what it does when something is wrong. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdamW, constant, init, multiply, Rng, SGD, sum, type Tensor, tensor } from "@x/layers";
import { engine } from "@x/layers/model";
import { checkForLeaks } from "@x/testing";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { evaluate, fit, type FitOptions, type HistoryEntry } from "../src/index.ts";
import { net, type Point, pointObjective, points, weightsHash } from "./tiny.ts";

let data: readonly Point[];
let validation: readonly Point[];
beforeAll(async () => {
  await init({ threads: 1, simd: "plain" });
  [data, validation] = [points(120, 1), points(60, 2)];
});
checkForLeaks();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fit-"));
});
afterEach(() => rm(folder, { recursive: true }));

const steps = (history: readonly HistoryEntry[]) => history.filter((entry) => "loss" in entry);
const evaluations = (history: readonly HistoryEntry[]) => history.filter((entry) => "validation" in entry);

/** The weights that a new model ends with. */
async function trained(options: FitOptions<Point>, examples = data): Promise<string> {
  using model = net();
  await fit(pointObjective(model), examples, { learningRate: 1e-2, ...options });
  return weightsHash(model);
}

test("the loss falls; the model's modes, and memory, are as before", async () => {
  using model = net();
  model.out.train();
  const { history, finished, seconds } = await fit(pointObjective(model), data, { epochs: 5, learningRate: 1e-2 });
  const losses = steps(history).map(({ loss }) => loss);
  expect(losses).toHaveLength(5 * 8);
  expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] ?? 0));
  expect([model.training, model.dropout.training, model.out.training]).toEqual([false, false, true]);
  expect(finished).toBe(true);
  expect(seconds).toBeGreaterThan(0);
});

test("the same seed gives the same weights, another seed of the order others", async () => {
  const [first, again, other] = [await trained({}), await trained({}), await trained({ rng: new Rng(5) })];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test("parts of a batch give the gradient of the whole, whatever each is a mean over", async () => {
  const weighted = async (accumulate: number): Promise<number[]> => {
    using model = net(1, 0);
    const plain = pointObjective(model);
    // A mean over the points of class 0 and 1 only, as over tokens with a label.
    const objective = {
      ...plain,
      collate: (examples: readonly Point[]) =>
        plain.collate(examples.map((point) => ({ ...point, label: point.label === 2 ? -100 : point.label }))),
      weightOf: (batch: Awaited<ReturnType<typeof plain.collate>>) => batch.labels.data.filter((label) => label >= 0).length,
    };
    const { history } = await fit(objective, data, { epochs: 1, accumulate, learningRate: 1e-2 });
    return steps(history).flatMap(({ loss, gradientNorm }) => [loss, gradientNorm]);
  };
  const [whole, parts] = [await weighted(1), await weighted(3)];
  expect(parts.length).toBe(16);
  for (const [i, value] of parts.entries()) expect(value).toBeCloseTo(whole[i] ?? 0, 5);
});

test("evaluates every epoch, ends with the best weights, and keeps none of evaluation's draws", async () => {
  using model = net();
  const objective = pointObjective(model);
  const { best, history } = await fit(objective, data, { validation, epochs: 6, learningRate: 0.5, schedule: constant });
  const losses = evaluations(history).map((entry) => [entry.step, entry.validation.loss] as const);
  expect(losses.map(([step]) => step)).toEqual([8, 16, 24, 32, 40, 48]);
  const lowest = losses.toSorted((a, b) => a[1] - b[1])[0];
  expect([best?.step, best?.evaluation.loss]).toEqual(lowest);
  expect((await evaluate(objective, validation)).loss).toBe(best?.evaluation.loss);
  expect(steps(history).map(({ loss }) => loss)).toEqual(steps((await withoutValidation()).history).map(({ loss }) => loss));

  async function withoutValidation() {
    using other = net();
    return await fit(pointObjective(other), data, { epochs: 6, learningRate: 0.5, schedule: constant });
  }
});

test("patience ends it, a callback stops it, and the run goes on as if it hadn't been", async () => {
  using model = net();
  const { finished, steps: taken } = await fit(pointObjective(model), data, {
    validation,
    evaluateEvery: 1,
    patience: 3,
    learningRate: 5,
    schedule: constant,
    epochs: 10,
  });
  expect(finished).toBe(true);
  expect(taken).toBeLessThan(80);

  const whole = await trained({});
  const options: FitOptions<Point> = { run: folder, onStep: ({ step }) => (step === 11 ? "stop" : undefined) };
  const half = await trained(options);
  expect(half).not.toBe(whole);
  expect(await trained({ run: folder })).toBe(whole);
  expect(await trained({ run: folder, onStep: () => expect.unreachable() }), "a finished run is read").toBe(whole);
});

test("a running mean of the weights is evaluated, kept and given", async () => {
  using model = net(1, 0);
  const before = model.out.weight.toTypedArray();
  await fit(pointObjective(model), data, { steps: 1, averageDecay: 0.75, learningRate: 1e-2, schedule: constant });
  using other = net(1, 0);
  await fit(pointObjective(other), data, { steps: 1, learningRate: 1e-2, schedule: constant });
  const expected = other.out.weight.toTypedArray().map((weight, i) => 0.75 * (before[i] ?? 0) + 0.25 * weight);
  for (const [i, weight] of model.out.weight.toTypedArray().entries()) expect(weight).toBeCloseTo(expected[i] ?? 0, 6);
});

test("the folder has the last checkpoints and the best, a record of whole lines, and a picture", async () => {
  using model = net();
  const { best, history } = await fit(pointObjective(model), data, {
    validation,
    epochs: 4,
    saveEvery: 5,
    keep: 1,
    run: folder,
    learningRate: 1e-2,
  });
  const names = (await readdir(folder)).sort();
  const kept = new Set([best?.step, 32].map((step) => `checkpoint-${String(step).padStart(8, "0")}.safetensors`));
  expect(names).toEqual([...kept, "history.jsonl", "history.svg", "owner"].sort());
  const lines = (await readFile(join(folder, "history.jsonl"), "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as HistoryEntry)).toEqual(history);
  expect(await readFile(join(folder, "history.svg"), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

test("a record that was cut off, and what killed saves left, are put in order", async () => {
  const whole = await trained({ validation });
  await trained({ validation, run: folder, onStep: ({ step }) => (step === 10 ? "stop" : undefined) });
  const record = join(folder, "history.jsonl");
  await writeFile(record, `${await readFile(record, "utf8")}{"step":11,"epoch":1,"loss":1}\n{"step":12,"lo`);
  await writeFile(join(folder, "checkpoint-00000011.safetensors.1234abcd.tmp"), "half");
  expect(await trained({ validation, run: folder })).toBe(whole);
  const lines = (await readFile(record, "utf8")).trimEnd().split("\n");
  const found = lines.map((line) => (JSON.parse(line) as HistoryEntry).step);
  expect(found).toEqual(Array.from({ length: 24 }, (_, i) => (i % 8 === 7 ? [i + 1, i + 1] : [i + 1])).flat()); // an evaluation each epoch
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a run is gone on with as it began, or refused", async () => {
  await trained({ run: folder, onStep: () => "stop" });
  await expect(trained({ run: folder, batchSize: 8 })).rejects.toThrow(
    "fit: a run goes on as it began, with steps 24 (another run belongs in another place), but steps is 45",
  );
  await expect(trained({ run: folder }, points(121, 1))).rejects.toThrow("with examples 120");
  await expect(trained({ run: folder, rng: new Rng(9) })).rejects.toThrow(
    "fit: what is drawn from must have the seeds of the run, 0, 1, but has 9, 1",
  );
});

test("what isn't finite takes no step, and says which parameter", async () => {
  using model = net(1, 0);
  const before = weightsHash(model);
  const plain = pointObjective(model);
  const failing = (loss: () => Tensor): Promise<unknown> => fit({ ...plain, loss }, data, { steps: 1 });
  await expect(failing(() => multiply(sum(model.out.weight), tensor([Infinity])))).rejects.toThrow(
    "fit: the loss is -Infinity, the step isn't taken; all parameters are finite: look at the examples, or try a lower learningRate",
  );
  await expect(failing(() => sum(multiply(model.out.weight, tensor([3e38]))))).rejects.toThrow(
    /the gradient of out.weight, .* the parameters stay as they are/,
  );
  expect(weightsHash(model)).toBe(before);
  expect(model.out.weight.grad).toBeUndefined();
  model.hidden.weight.data[0] = NaN;
  await expect(fit(plain, data, { steps: 1 })).rejects.toThrow("the loss is NaN, the step isn't taken; hidden.weight isn't finite");
});

test("steps of a dataset that isn't a list; an optimizer of one's own stays one's own", async () => {
  using model = net(1, 0);
  function* stream(): Generator<Point> {
    yield* data;
  }
  const walked = { [Symbol.iterator]: stream };
  using optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
  const { steps: taken } = await fit(pointObjective(model), walked, { steps: 20, optimizer });
  expect([taken, optimizer.steps]).toEqual([20, 20]);
  await expect(fit(pointObjective(model), walked)).rejects.toThrow(
    "fit: steps are needed where the dataset isn't a list, but none were given",
  );
  await expect(fit(pointObjective(model), stream(), { steps: 20 })).rejects.toThrow(
    "batches: every epoch needs at least one batch, but epoch 2 had none",
  );
});

test("what can't be is refused", async () => {
  using model = net();
  using other = net();
  using optimizer = new AdamW(other.parameters(), { learningRate: 1 });
  const objective = pointObjective(model);
  await expect(fit(objective, data, { batchSize: 0 })).rejects.toThrow("fit: batchSize must be a whole number from 1 on, but is 0");
  await expect(fit(objective, [])).rejects.toThrow("fit: there must be something to learn from, but the dataset is empty");
  await expect(fit(objective, data, { epochs: 1, steps: 1 })).rejects.toThrow(
    "fit: epochs or steps say how long, not both, but 1 and 1 came",
  );
  await expect(fit(objective, data, { optimizer })).rejects.toThrow(
    "the optimizer moves parameters of the model, or of the adapter, but 4 others",
  );
  await expect(fit(objective, data, { lr: 1 } as never)).rejects.toThrow('"lr" came: is learningRate meant?');
  await expect(fit(objective, Promise.resolve(data) as never)).rejects.toThrow(
    "fit: data must be a list of examples, or something else that is iterable, but is a promise",
  );
  await expect(fit(model as never, data)).rejects.toThrow(
    "fit: objective must be an objective: what has a model, collate and loss, but is a Net",
  );
  for (const option of [{ patience: 1 }, { best: "accuracy" }, { evaluateEvery: 2 }])
    await expect(fit(objective, data, option)).rejects.toThrow(
      `fit: ${Object.keys(option)[0]} needs validation, the examples to evaluate with, but none were given`,
    );
  await expect(fit(objective, data, { validation: [] })).rejects.toThrow("fit: validation must be a list of at least one example");
  await expect(evaluate(objective, [])).rejects.toThrow("evaluate: dataset must be a list of at least one example");
  await expect(fit(objective, data, { validation, best: "acuracy", epochs: 1 })).rejects.toThrow(
    "fit: best is one of the evaluation's numbers, loss, but is acuracy",
  );
  await expect(fit(objective, [...data, undefined] as never)).rejects.toThrow("batches: examples are plain objects, but one is undefined");
  model.setRequiresGrad(false);
  await expect(fit(objective, data)).rejects.toThrow("every parameter is frozen");
});

test("a loss that depends on nothing that is trained is refused", async () => {
  using model = net(1, 0);
  using other = net(2, 0);
  const objective = pointObjective(model);
  const { loss } = pointObjective(other);
  await expect(fit({ ...objective, loss }, data, { steps: 1 })).rejects.toThrow("fit: the loss depends on nothing that is trained");
  other.setRequiresGrad(false);
  await expect(fit({ ...objective, loss }, data, { steps: 1 })).rejects.toThrow("a LoRA must be given as adapter");
});

test("a score that is no number is worse than any", async () => {
  using model = net();
  let round = 0;
  const scores = () => ({ add: () => undefined, result: () => ({ share: [NaN, 0.5, NaN][round++] ?? 0 }) });
  const { best } = await fit({ ...pointObjective(model), scores }, data, { validation, best: "share", epochs: 3 });
  expect(best).toMatchObject({ step: 16, evaluation: { share: 0.5 } });
});

test("2 000 steps take no more memory than a hundred", async () => {
  using model = net();
  const held: number[] = [];
  const { memory } = engine();
  await fit(pointObjective(model), data, {
    steps: 2000,
    batchSize: 4,
    averageDecay: 0.99,
    validation,
    evaluateEvery: 250,
    onStep: ({ step }) => void (step % 100 === 0 && held.push(memory.liveBytes, memory.memory.buffer.byteLength)),
  });
  expect(held).toHaveLength(40);
  expect(new Set(held).size).toBe(2);
});
