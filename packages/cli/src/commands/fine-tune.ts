import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import process from "node:process";
import { init, LoRA, Rng } from "@x/layers";
import { Draws, headModules } from "@x/layers/model";
import { curveOf, type EvaluationEntry, type FitOptions, type StepReport } from "@x/train";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../command.ts";
import { type Row, readRows, type Rows } from "../fine-tune/rows.ts";
import { type Asked, type Outcome, RunFolder } from "../fine-tune/run-folder.ts";
import { type Lesson, tasks } from "../fine-tune/tasks.ts";
import { training } from "../fine-tune/training-options.ts";
import { isFolder } from "../pictures.ts";
import { UsageError } from "../usage-error.ts";

export const fineTune: CommandSpec = {
  name: "fine-tune",
  summary: "Train a model on examples of your own",
  options: training(Object.keys(tasks)),
  example: "x fine-tune --model google-bert/bert-base-uncased --task classify-text --data mails.jsonl --out spam",
  async run(call) {
    const { task = "classify-text", out = "" } = call.options;
    await init(); // what is drawn is drawn in the engine
    const lesson = tasks[task].read(...(await splitOf(call)));
    const run = await RunFolder.open(out, await askedOf(call, lesson));
    const outcome = run.outcome ?? (await teach(call, lesson, run));
    await run.tidy();
    const scores = Object.entries(outcome.best ?? {}).filter(([, value]) => typeof value === "number");
    await call.tell({
      record: { event: "end", out, ...outcome },
      heading: `${out}: ${outcome.steps} steps`,
      rows: scores.map(([name, value]) => [name, value as number]),
    });
  },
};

/** Examples to learn from, and those to evaluate with: in a file or folder of their own, or a share that is drawn. */
async function splitOf({ options }: Call): Promise<[train: Rows, validation: Rows | undefined]> {
  const { data = "", validation, validationShare: share, seed = 0 } = options;
  if (validation !== undefined && share !== undefined)
    throw new UsageError("--validation or --validation-share says what to evaluate with, not both");
  const { train, validation: beside } = await readRows(data);
  if (validation !== undefined) return [train, (await readRows(validation)).train];
  if (share === undefined) return [train, beside];
  const count = Math.round(share * train.rows.length);
  if (count < 1 || count >= train.rows.length)
    throw new UsageError(`--validation-share ${share}: of ${train.rows.length} examples that is ${count}, and some must be on both sides`);
  const rows: readonly Row[] = new Draws(new Rng(seed)).shuffled(train.rows);
  return [
    { ...train, rows: rows.slice(count) },
    { ...train, rows: rows.slice(0, count) },
  ];
}

/** What decides the result, by option. */
async function askedOf({ options }: Call, lesson: Lesson): Promise<Asked> {
  const { task = "", model, validationShare, epochs = 3, batchSize = 16, lora, seed = 0, maxLength, from, to } = options;
  return {
    task,
    model: (await isFolder(model)) ? resolve(model) : model,
    "validation-share": validationShare ?? null,
    data: createHash("sha256").update(lesson.text).digest("hex"),
    epochs,
    "batch-size": batchSize,
    "learning-rate": learningRateOf(options),
    lora: lora ?? null,
    seed,
    "max-length": maxLength ?? null,
    from: from ?? null,
    to: to ?? null,
  };
}

const learningRateOf = ({ learningRate, lora }: Call["options"]): number => learningRate ?? (lora === undefined ? 5e-5 : 5e-4);

async function teach(call: Call, lesson: Lesson, run: RunFolder): Promise<Outcome> {
  const { model: name, task, out = "", epochs, batchSize, lora: rank, seed = 0, saveEvery, maxLength, from, to } = call.options;
  const { model, fit } = await lesson.load({ model: name, seed, maxLength, from, to, loading: call.loading });
  using _ = model;
  const lora =
    rank === undefined
      ? undefined
      : LoRA.attach(model, { rank, alpha: 2 * rank, modulesToSave: headModules(model), baseModel: name, rng: new Rng(seed) });
  const { examples, validation } = lesson;
  const [parameters, trained] = [model.numParameters, (lora ?? model).numParameters];
  await call.tell({
    record: { event: "start", task, model: name, examples, validation, parameters, trained },
    rows: [
      [
        `${examples} examples, ${validation} to evaluate with; ${trained.toLocaleString("en")} of ${parameters.toLocaleString("en")} parameters`,
      ],
    ],
  });
  const { onStep, onEvaluation } = await watching(call);
  const stopIfInterrupted = (): "stop" | undefined => (call.signal.aborted ? "stop" : undefined); // with a checkpoint
  await run.begin();
  const { steps, finished, best, history } = await fit({
    epochs,
    batchSize,
    learningRate: learningRateOf(call.options),
    rng: new Rng(seed),
    adapter: lora,
    run: run.checkpoints,
    saveEvery,
    async onStep(report) {
      await onStep(report);
      return stopIfInterrupted();
    },
    async onEvaluation(entry) {
      await onEvaluation(entry);
      return stopIfInterrupted();
    },
  });
  if (!finished) call.signal.throwIfAborted();
  await lora?.savePretrained(join(out, "adapter"));
  lora?.merge();
  lora?.detach();
  const record = history.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  await model.savePretrained(out, {
    alongside: new Map([
      ["history.jsonl", record],
      ["history.svg", curveOf(history)],
    ]),
  });
  const outcome = { steps, best: best ? { step: best.step, ...best.evaluation } : null };
  await run.finish(outcome);
  return outcome;
}

type Watching = Required<Pick<FitOptions<never>, "onStep" | "onEvaluation">>;

/** With `--json` every step and evaluation is told; else there is a bar, on a terminal. */
async function watching(call: Call): Promise<Watching> {
  if (call.options.json === true)
    return {
      onStep: (report: StepReport) => call.tell({ record: { event: "step", ...report } }),
      onEvaluation: (entry: EvaluationEntry) => call.tell({ record: { event: "evaluation", ...entry } }),
    };
  if (!process.stderr.isTTY) return { onStep() {}, onEvaluation() {} };
  const { progressBar } = await import("@x/train/bar");
  return progressBar();
}
