import { CheckpointError, openCheckpoint } from "@x/layers";
import { type FileSource, type KeyTable, openSource, readJson, sortKeys } from "@x/layers/model";
import { anyModel, type FoundModel } from "../any-model.ts";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../command.ts";
import { model } from "../options.ts";

export const inspect: CommandSpec = {
  name: "inspect",
  summary: "Show what a checkpoint is, what is in it, and what its files ask for",
  options: [model()],
  example: "x inspect --model google/vit-base-patch16-224",
  async run(call) {
    const { model: name } = call.options;
    const problems: string[] = [];
    const found = await orProblem(problems, anyModel(call));
    const source = found?.source ?? (await openSource(name, call.loading));
    const tensors = (await orProblem(problems, tensorsIn(source, call))) ?? [];
    const parameters = tensors.reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0);
    const { architectures, architecture: timms } = (await readJson(source, "config.json")) ?? {};
    const architecture = (Array.isArray(architectures) ? architectures[0] : timms) ?? null;
    const files = found ? await keysIn(source, found) : [];
    const about = {
      model: name,
      architecture,
      family: found?.family ?? null,
      class: found?.Class.name ?? null,
      adapter: found?.adapter?.source.label ?? null,
    };
    await call.tell({
      record: { ...about, parameters, tensors, files, problems },
      rows: Object.entries({ ...about, parameters }).map(([key, value]) => [key, value?.toLocaleString("en") ?? "–"]),
    });
    if (call.options.json === true) return;
    for (const { file, followed, passedOver, refused, unknown } of files) {
      const why = (keys: Readonly<Record<string, string>>): string[][] => Object.entries(keys).map(([key, because]) => [key, because]);
      const rows = [
        ...followed.map((key) => ["followed", key, ""]),
        ...why(passedOver).map((row) => ["passed over", ...row]),
        ...unknown.map((key) => ["passed over", key, "it isn't known here"]),
        ...why(refused).map((row) => ["refused", ...row]),
      ];
      await call.tell({ record: {}, heading: file, rows });
    }
    await call.tell({
      record: {},
      heading: "tensors",
      rows: tensors.map(({ name: entry, dtype, shape }) => [entry, dtype, `(${shape.join(", ")})`]),
    });
    if (problems.length > 0) await call.tell({ record: {}, heading: "problems", rows: problems.map((problem) => [problem]) });
  },
};

/** What can't be found out is a finding, too. */
async function orProblem<T>(problems: string[], finding: Promise<T>): Promise<T | undefined> {
  try {
    return await finding;
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    if (!problems.includes(error.message)) problems.push(error.message);
    return undefined;
  }
}

async function tensorsIn(
  source: FileSource,
  { loading }: Call,
): Promise<{ readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[]> {
  const { entries } = await openCheckpoint(source, loading);
  return [...entries].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
}

/** What is done with the keys of a file. */
interface FileKeys {
  readonly file: string;
  readonly followed: readonly string[];
  /** With the reason. */
  readonly passedOver: Readonly<Record<string, string>>;
  readonly refused: Readonly<Record<string, string>>;
  readonly unknown: readonly string[];
}

/** Of every JSON file that the model's class reads. */
async function keysIn(source: FileSource, { Class: { family } }: FoundModel): Promise<FileKeys[]> {
  const config = (await readJson(source, "config.json")) ?? {};
  const own = typeof family.keys === "function" ? await family.keys(config) : family.keys;
  const tables: [string, KeyTable][] = [["config.json", own], ...(family.parts ?? []).flatMap(({ keys = {} }) => Object.entries(keys))];
  const found: FileKeys[] = [];
  for (const [file, table] of new Map(tables)) {
    const json = await readJson(source, file);
    if (!json) continue;
    const sorted = [...sortKeys(json, table)];
    const paths = (does: string): string[] => sorted.flatMap((key) => (key.does === does ? [key.path] : []));
    const reasons = (does: string): Record<string, string> =>
      Object.fromEntries(sorted.flatMap((key) => (key.does === does ? [[key.path, key.because]] : [])));
    found.push({
      file,
      followed: paths("followed"),
      passedOver: reasons("passed over"),
      refused: reasons("refused"),
      unknown: paths("unknown"),
    });
  }
  return found;
}
