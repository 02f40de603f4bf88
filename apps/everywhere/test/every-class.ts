/** Every class of models that the packages export, with every golden folder that it reads: whoever adds a class or a folder has it tested. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import * as clip from "@x/clip";
import { init, type PretrainedOptions } from "@x/layers";
import { loadPretrained, type PretrainedClass, type PretrainedFiles, PretrainedModel } from "@x/layers/model";
import { encodeSafetensors } from "@x/layers/save";
import * as language from "@x/models-nlp";
import * as vision from "@x/models-vision";
import type { Files } from "../src/suite/family.ts";
import { type Golden, readGolden } from "../src/suite/golden.ts";

type Model = PretrainedModel<object>;
export type AnyClass = PretrainedClass<object, object, Model, PretrainedFiles>;

export const classes: readonly AnyClass[] = [vision, language, clip].flatMap((module) => Object.values(module).filter(isClass));

function isClass(value: unknown): value is AnyClass {
  return typeof value === "function" && value.prototype instanceof PretrainedModel && "family" in value;
}

const packages = join(import.meta.dirname, "../../../packages");
/** Numbers to compare with, which no model reads. */
const notTheModels = /^(golden\.safetensors|io\.json|expected\.json|.*\.(png|jpg))$/;

/** The golden folders, by their paths below `packages/`. */
export async function goldenFolders(): Promise<ReadonlyMap<string, Files>> {
  const found = new Map<string, Files>();
  for (const name of ["models-vision", "models-nlp", "clip"]) {
    const files = await readdir(join(packages, name, "golden"), { recursive: true }).catch(() => []);
    for (const path of files.toSorted()) {
      if (!/(^|\/)(model\.safetensors|pytorch_model\.bin)$/.test(path)) continue;
      const folder = join(packages, name, "golden", dirname(path));
      if (found.has(relative(packages, folder))) continue;
      const below = await readdir(folder, { recursive: true, withFileTypes: true });
      const read = below
        .filter((entry) => entry.isFile() && !notTheModels.test(entry.name))
        .map(async ({ parentPath, name: file }) => {
          const bytes = new Uint8Array(await readFile(join(parentPath, file)));
          return [relative(folder, join(parentPath, file)), bytes] as const;
        });
      found.set(relative(packages, folder), new Map(await Promise.all(read)));
    }
  }
  return found;
}

export interface Pair {
  readonly kind: AnyClass;
  readonly folder: string;
  readonly files: Files;
  /** Whether the folder has all that the class has. */
  readonly complete: boolean;
}

export const load = (kind: AnyClass, files: Files, options?: PretrainedOptions): Promise<Model> => loadPretrained(kind, files, options);

/** Every class with every folder that it reads. */
export async function pairs(): Promise<Pair[]> {
  await init();
  const folders = await goldenFolders();
  const found: Pair[] = [];
  for (const kind of classes) {
    for (const [folder, files] of folders) {
      const model = await load(kind, files).catch(() => undefined);
      if (model) found.push({ kind, folder, files, complete: !model.notes.some((note) => note.includes("initialised anew")) });
      model?.dispose();
    }
  }
  return found;
}

/** The entries of a folder's checkpoint; none where it isn't one file of safetensors. */
export async function entriesOf(files: Files): Promise<Golden> {
  const file = files.get("model.safetensors");
  return file ? readGolden(file) : new Map();
}

/** The same files with other entries. */
export async function withEntries(files: Files, entries: Golden): Promise<Files> {
  const written = new Map([...entries].map(([key, { shape, values }]) => [key, { shape, view: () => values }] as const));
  return new Map([...files, ["model.safetensors", new Uint8Array(await encodeSafetensors(written).arrayBuffer())]]);
}
