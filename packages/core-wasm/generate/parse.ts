/**
 * Reads the assembly sources: exported kernels with their tags, lengths, enumerations. The sources are regular enough for a few patterns, and
 * whatever these can't follow is an error that tells file and line.
 */
import { posix } from "node:path";
import { translate } from "./expression.ts";

export type Kind = "operand" | "number" | "flag" | "choice";

export interface Parameter {
  readonly name: string;
  readonly kind: Kind;
  /** Of operands the alias in operands.ts, of choices the enumeration, with Optional before it where it may be left out. */
  readonly type: string;
}

export interface Kernel {
  readonly name: string;
  /** The docstring's lines, without the tags. */
  readonly text: readonly string[];
  /** What the kernel takes before scratch, begin and end. */
  readonly parameters: readonly Parameter[];
  /** Names of the arguments that only `units` and `scratch` have. */
  readonly extra: readonly string[];
  /** JavaScript, arguments being properties of `call`. */
  readonly units: string;
  readonly cost: string;
  readonly scratch: string | undefined;
}

/** A function from lengths to a length. */
export interface Length {
  readonly name: string;
  readonly text: readonly string[];
  readonly parameters: readonly string[];
  /** JavaScript. */
  readonly value: string;
}

export interface Enumeration {
  readonly name: string;
  /** In order, from 0 on, as the sources write them. */
  readonly members: readonly string[];
}

export interface Assembly {
  readonly kernels: readonly Kernel[];
  readonly lengths: readonly Length[];
  readonly enumerations: readonly Enumeration[];
}

const COMMENT = String.raw`/\*\*((?:(?!\*/)[\s\S])*)\*/`;
const TAGS = new Set(["units", "cost", "scratch", "length"]);
const OPERAND = /^(Optional)?(Floats|Ints|Bytes|Words)(Out)?$/;

/** Kernels stand in assembly/ itself; what they are made of, in the folders below. */
export const isKernelFile = (file: string): boolean => !file.includes("/");

/** @param sources texts by path below assembly/, without ending, in order: the exported functions of kernel files are the kernels */
export function parseAssembly(sources: ReadonlyMap<string, string>): Assembly {
  const enumerations = [...sources].flatMap(([file, text]) => enumerationsOf(file, text));
  const tagged = [...sources].flatMap(([file, text]) => lengthTagsOf(file, text));
  const isLength = (name: string): boolean => tagged.some((length) => length.name === name);
  const constantsIn = (file: string) => (name: string) => constantOf(sources, file, name);

  const lengths = tagged.map(({ file, line, expression, ...length }) => {
    const variable = (name: string): string => {
      if (!length.parameters.includes(name)) throw new SyntaxError(`${length.name} has no ${name}`);
      return name;
    };
    return { ...length, value: located(file, line, () => translate(expression, { constant: constantsIn(file), isLength, variable })) };
  });

  const kernelFiles = [...sources].filter(([file]) => isKernelFile(file));
  const kernels = kernelFiles.flatMap(([file, text]) => {
    const isChoice = (type: string): boolean => enumerations.some(({ name }) => name === choiceOf(type).name);
    return kernelsIn(text).map((found) =>
      located(file, found.line, () => kernelOf(found, isChoice, { constant: constantsIn(file), isLength })),
    );
  });
  return { kernels, lengths, enumerations: enumerations.filter(({ name }) => kernels.some((kernel) => uses(kernel, name))) };
}

const uses = ({ parameters }: Kernel, type: string): boolean => parameters.some((parameter) => choiceOf(parameter.type).name === type);

/** The enumeration of a choice's type, and whether the choice may be left out: `OptionalMode` is Mode's None then. */
export const choiceOf = (type: string): { name: string; isOptional: boolean } => {
  const name = type.replace(/^Optional/, "");
  return { name, isOptional: name !== type };
};

interface Found {
  readonly line: number;
  readonly comment: string | undefined;
  readonly name: string;
  readonly signature: string;
}

/** Every exported function, with the comment right above it. */
function kernelsIn(text: string): Found[] {
  const functions = new RegExp(String.raw`(?:${COMMENT}\n)?export function (\w+)([^{]*)\{`, "g");
  return [...text.matchAll(functions)].map(({ 0: whole, 1: comment, 2: name = "", 3: signature = "", index }) => ({
    line: lineOf(text, index + whole.indexOf("export function")),
    comment,
    name,
    signature,
  }));
}

function kernelOf(
  { comment, name, signature }: Found,
  isChoice: (type: string) => boolean,
  names: { constant(name: string): string | undefined; isLength(name: string): boolean },
): Kernel {
  if (comment === undefined) throw new SyntaxError(`kernel ${name} has no docstring`);
  const { text, tags } = docstringOf(comment);
  const match = /^\(([\s\S]*)\): void $/.exec(signature);
  if (!match) throw new SyntaxError(`kernel ${name}: cannot follow the signature ${signature.trim()}`);
  const all = (match[1] ?? "")
    .split(",")
    .map((parameter) => parameter.trim())
    .filter((parameter) => parameter !== "");
  if (all.splice(-2).join() !== "begin: i32,end: i32") throw new SyntaxError(`kernel ${name} must end with begin: i32, end: i32`);
  if ((all.at(-1) === "scratch: usize") !== tags.has("scratch")) {
    throw new SyntaxError(`kernel ${name}: an argument scratch: usize before begin and a tag @scratch belong together`);
  }
  if (tags.has("scratch")) all.pop();
  const parameters = all.map((parameter) => parameterOf(name, parameter, isChoice));
  if (parameters.some(({ kind }, i) => kind === "operand" && parameters[i - 1] && parameters[i - 1]?.kind !== "operand")) {
    throw new SyntaxError(`kernel ${name}: operands come before all other arguments`);
  }

  const numbers = new Set(parameters.filter(({ kind }) => kind === "number").map((parameter) => parameter.name));
  const extra: string[] = [];
  const expression = (tag: string, otherwise: (variable: string) => void): string => {
    const written = tags.get(tag);
    if (!written) throw new SyntaxError(`kernel ${name} has no @${tag}`);
    const variable = (free: string): string => {
      if (tag === "cost" && free === "units") return free;
      if (!numbers.has(free) && !extra.includes(free)) otherwise(free);
      return `call.${free}`;
    };
    return translate(written, { ...names, variable });
  };
  const add = (free: string): void => {
    if (free !== free.toLowerCase() && free === free.toUpperCase()) throw new SyntaxError(`kernel ${name}: there is no constant ${free}`);
    if (parameters.some((parameter) => parameter.name === free)) throw new SyntaxError(`kernel ${name}: ${free} is no number`);
    extra.push(free);
  };
  const refuse = (free: string): void => {
    throw new SyntaxError(`kernel ${name}: @cost has an unknown name, ${free}`);
  };
  return {
    name,
    text,
    parameters,
    extra,
    units: expression("units", add),
    cost: expression("cost", refuse),
    scratch: tags.has("scratch") ? expression("scratch", add) : undefined,
  };
}

function parameterOf(kernel: string, parameter: string, isChoice: (type: string) => boolean): Parameter {
  const [, name = "", type = ""] = /^(\w+): (\w+)$/.exec(parameter) ?? [];
  const kinds: Readonly<Record<string, Kind>> = { i32: "number", u32: "number", f32: "number", bool: "flag" };
  const kind = OPERAND.test(type) ? "operand" : isChoice(type) ? "choice" : kinds[type];
  if (!kind) throw new SyntaxError(`kernel ${kernel}: cannot follow the argument ${parameter}; of a pointer, operands.ts says to what`);
  return { name, kind, type };
}

/** The lines of a comment before its tags, and the tags. */
function docstringOf(comment: string): { text: string[]; tags: ReadonlyMap<string, string> } {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\*? ?/, "").trimEnd());
  const tags = new Map<string, string>();
  const text: string[] = [];
  for (const line of lines) {
    const [, tag = "", value = ""] = /^@(\w+) ?(.*)$/.exec(line) ?? [];
    if (tag === "") text.push(line);
    else if (!TAGS.has(tag) || value === "" || tags.has(tag)) throw new SyntaxError(`cannot follow the tag ${line}`);
    else tags.set(tag, value);
  }
  return { text: text.join("\n").trim().split("\n"), tags };
}

interface LengthTag extends Omit<Length, "value"> {
  readonly file: string;
  readonly line: number;
  readonly expression: string;
}

function lengthTagsOf(file: string, text: string): LengthTag[] {
  const comments = [...text.matchAll(new RegExp(COMMENT, "g"))].filter(([comment]) => comment.includes("@length"));
  return comments.map(({ 0: whole, 1: comment = "", index }) => {
    const line = lineOf(text, index);
    return located(file, line, () => {
      const { text: description, tags } = docstringOf(comment);
      const [, name = "", parameters = "", expression = ""] = /^(\w+)\(([\w, ]+)\) = (.+)$/.exec(tags.get("length") ?? "") ?? [];
      if (expression === "") throw new SyntaxError(`cannot follow ${whole}`);
      return { file, line, name, text: description, parameters: parameters.split(", "), expression };
    });
  });
}

function enumerationsOf(file: string, text: string): Enumeration[] {
  return [...text.matchAll(/const enum (\w+) \{([^}]*)\}/g)].map(({ 1: name = "", 2: body = "", index }) => {
    const members = body
      .split(",")
      .map((member) => member.trim())
      .filter((member) => member !== "");
    return located(file, lineOf(text, index), () => {
      if (!members.every((member) => /^\w+$/.test(member)))
        throw new SyntaxError(`enum ${name}: members are names alone, numbered from 0 on`);
      return { name, members };
    });
  });
}

/** A whole-number constant of that file, its own or imported, as JavaScript; undefined if there is none. */
function constantOf(sources: ReadonlyMap<string, string>, file: string, name: string): string | undefined {
  const text = sources.get(file) ?? "";
  const own = new RegExp(String.raw`^(?:export )?const ${name}: (?:i32|usize) = ([^;]+);`, "m").exec(text);
  if (own) {
    const variable = (other: string): never => {
      throw new SyntaxError(`${name} is made of ${other}, which is no constant`);
    };
    const value = translate(own[1] ?? "", { constant: (other) => constantOf(sources, file, other), isLength: () => false, variable });
    return /^\d+$/.test(value) ? value : `(${value})`;
  }
  for (const [, names = "", from = ""] of text.matchAll(/import \{([^}]*)\} from "(\.[\w/.-]+)"/g)) {
    if (names.split(",").some((imported) => imported.trim() === name)) return constantOf(sources, posix.join(file, "..", from), name);
  }
  return undefined;
}

/** Runs `parse`, and says where it failed. */
function located<T>(file: string, line: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof SyntaxError ? new SyntaxError(`assembly/${file}.ts:${line}: ${error.message}`) : error;
  }
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;
