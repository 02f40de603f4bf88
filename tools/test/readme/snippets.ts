/** The code of the READMEs, TypeScript and JavaScript: finding it and running it. */
import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

export interface Snippet {
  /** Its file and heading, and a number where a heading has several. */
  readonly title: string;
  /** The README, from the root of the repository. */
  readonly file: string;
  readonly language: "ts" | "js";
  readonly code: string;
}

export interface Readme {
  readonly file: string;
  readonly text: string;
  readonly snippets: readonly Snippet[];
}

/** Every README and every page of the documentation with its snippets, in order. */
export function readmes(): Readme[] {
  return globSync(["README.md", "{packages,examples,apps}/*/README.md", "apps/docs/pages/**/*.md"], { cwd: root })
    .sort()
    .map((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return { file, text, snippets: snippetsOf(file, text) };
    });
}

function snippetsOf(file: string, text: string): Snippet[] {
  const found: Snippet[] = [];
  let heading = "";
  for (const [, title, language, code] of text.matchAll(/^#+ (.+)$|^```(ts|js)\n([^]*?)^```$/gm)) {
    if (title !== undefined) heading = `${file}: ${title}`;
    if (code === undefined) continue;
    const before = found.filter((snippet) => snippet.title.replace(/ \(\d+\)$/, "") === heading).length;
    found.push({ file, language: language === "js" ? "js" : "ts", code, title: before === 0 ? heading : `${heading} (${before + 1})` });
  }
  return found;
}

/** Modules by the names that snippets import them by. */
export type Modules = Readonly<Record<string, () => Promise<Readonly<Record<string, unknown>>>>>;

/** What became of a snippet: variables and what it exports by name, and the values of lines that a comment follows, by their code. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * Runs a snippet to its end.
 * @param given what it takes for granted, by name
 * @param look gets its values before what it holds with `using` is freed
 */
export async function run(code: string, given: Values, modules: Modules, look: (values: Values) => void | Promise<void>): Promise<void> {
  const lines: Record<string, unknown> = {};
  const own = code.replaceAll(/^export default /gm, "const exported = ").replaceAll(/^export /gm, "");
  const names = [...own.matchAll(/^(?:const|using) (.+?) = |^(?:async )?function (\w+)/gm)].flatMap(
    ([, pattern = "", name]) => name ?? pattern.match(/\w+/g) ?? [],
  );
  const body = stripTypeScriptTypes(own)
    .replace(/^import (?:(.+) from )?"(.+?)";.*$/gm, (_, what: string | undefined, from: string) => importOf(what, from))
    .replace(commentedLine, (_, indent: string, waits: string, expression: string) => {
      return `${indent}$lines[${JSON.stringify(expression)}] = ${waits}${expression};`;
    });
  const compiled = new AsyncFunction(
    "$import",
    "$lines",
    "$look",
    ...Object.keys(given),
    `"use strict";\n${body}\nawait $look({ ${names.join(", ")} });`,
  );
  await compiled(
    (from: string, wanted: readonly string[]) => importFrom(modules, from, wanted),
    lines,
    (variables: Values) => look({ ...given, ...variables, ...lines }),
    ...Object.values(given),
  );
}

/** An expression that a comment follows, most often on what it gives. */
const commentedLine = /^( *)(?!const |using )((?:await )?)([a-z].*); *\/\/ .*$/gim;

const AsyncFunction = (async () => {}).constructor as new (...texts: string[]) => (...values: unknown[]) => Promise<void>;

/** The names of an import, `{ a, b as c }`, `* as a`, `a` or none, as constants. */
function importOf(what: string | undefined, from: string): string {
  if (what === undefined) return `await $import("${from}", []);`;
  if (what.startsWith("* as ")) return `const ${what.slice("* as ".length)} = await $import("${from}", []);`;
  if (/^\w+$/.test(what)) return `const { default: ${what} } = await $import("${from}", ["default"]);`;
  const wanted = what.match(/\w+(?: as \w+)?/g)?.map((name) => name.split(" ")[0]);
  return `const ${what.replaceAll(" as ", ": ")} = await $import("${from}", ${JSON.stringify(wanted)});`;
}

async function importFrom(modules: Modules, from: string, wanted: readonly string[]): Promise<unknown> {
  const load = modules[from];
  if (!load) throw new Error(`the snippet imports ${from}, which this test doesn't know`);
  const found = await load();
  for (const name of wanted) if (!(name in found)) throw new Error(`${from} has no ${name}`);
  return found;
}
