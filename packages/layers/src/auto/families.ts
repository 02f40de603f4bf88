/** The table that a package has of its models: what `load` finds the class of a checkpoint by. */
import type { JsonObject } from "../files/read-json.ts";
import type { PretrainedModel } from "../pretrained/pretrained-model.ts";
import type { Rng } from "../random.ts";

/** A class of models, seen from outside its family, whose configs are its own business. */
export interface AutoClass<Model> {
  new (config: never, rng: Rng): Model & PretrainedModel<object>;
  readonly family: { readonly keys: object; readonly head?: object | undefined };
}

/** A family's classes by their heads. The first is the one of a checkpoint that names none. */
export type AutoClasses<Heads> = { readonly [Head in keyof Heads]?: AutoClass<Heads[Head]> | undefined };

/** What a file tells of the family. */
export interface FamilyFile {
  /** Its name, or what the file's content makes of it. */
  readonly family: string | ((json: JsonObject) => string);
  /** The head by which `config.json` keeps the last word. Default: none. */
  readonly unless?: string | undefined;
}

/** `Heads` says what the models of each head can do. A head is what Hugging Face's library adds to a family's name: `Model`, `ForMaskedLM`. */
export interface AutoFamilies<Heads> {
  /** By `model_type`, each with what imports its code. */
  readonly families: Readonly<Record<string, () => Promise<AutoClasses<Heads>>>>;
  /** Files that tell the family, whatever `config.json` says, unless it names a certain head: `modules.json`. */
  readonly files?: Readonly<Record<string, FamilyFile>> | undefined;
  /** Entries that tell the family where `config.json` has no `model_type`, as patterns. The first that is there counts. */
  readonly entries?: Readonly<Record<string, string>> | undefined;
}

type ByHead<Module, Name extends string> = {
  readonly [Key in keyof Module as Key extends Name ? "Model" : Key extends `${Name}${infer Head}` ? Head : never]: Module[Key];
};

/** The classes of a family's module by their heads: of `Bert` and `BertForMaskedLM`, `Model` and `ForMaskedLM`. */
export async function byHead<Module extends object, Name extends string>(
  name: Name,
  module: Promise<Module>,
): Promise<ByHead<Module, Name>> {
  const own = Object.entries(await module).filter(([key]) => key.startsWith(name));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(name.length) || "Model", value])) as ByHead<Module, Name>;
}

/** A package's table of which only the names matter. */
export type AnyFamilies = AutoFamilies<Readonly<Record<string, object>>>;

/** Tables of several packages as one, for those who take whatever comes. */
export const joinFamilies = (tables: readonly AnyFamilies[]): AnyFamilies => ({
  families: Object.assign({}, ...tables.map(({ families }) => families)),
  files: Object.assign({}, ...tables.map(({ files }) => files)),
  entries: Object.assign({}, ...tables.map(({ entries }) => entries)),
});
