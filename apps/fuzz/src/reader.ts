import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { XError } from "@x/layers";
import type { Draw } from "./draw.ts";
import type { Bytes, Json } from "./mutate.ts";

/** Something that reads what strangers send. */
export interface Reader {
  readonly name: string;
  /** An input that is nearly right. */
  next(draw: Draw): Bytes;
  /** Reads it, and uses what came. @throws XError when it is refused */
  read(input: Bytes): Promise<void>;
}

export interface Outcome {
  /** `foreign` is a fault: an error of no class of the library's. */
  readonly kind: "read" | "refused" | "foreign";
  /** What was said, without what differs between inputs alike. */
  readonly what: string;
  /** Of the processor, so that a busy machine finds no faults. */
  readonly milliseconds: number;
  readonly error?: unknown;
}

export async function outcomeOf(reader: Reader, input: Bytes): Promise<Outcome> {
  const begun = process.cpuUsage();
  const taken = (): number => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1000;
  };
  try {
    await reader.read(input);
    return { kind: "read", what: "read", milliseconds: taken() };
  } catch (error) {
    const milliseconds = taken();
    if (error instanceof XError) return { kind: "refused", what: gist(`${error.name} ${error.message}`), milliseconds };
    return { kind: "foreign", what: gist(String(error)), milliseconds, error };
  }
}

const gist = (message: string): string =>
  message
    .replaceAll(/"(?:[^"\\]|\\.)*"?/g, '""')
    .replaceAll(/\([^()]*\)?/g, "()")
    .replaceAll(/[-+]?\d[\d.e+-]*/g, "0")
    .replaceAll(/\s+/g, " ")
    .slice(0, 60);

const root = fileURLToPath(new URL("../../../packages/", import.meta.url));
export const pathOf = (path: string): string => `${root}${path}`;
export const bytesOf = (path: string): Bytes => new Uint8Array(readFileSync(pathOf(path)));
export const jsonOf = (path: string): { [key: string]: Json } => JSON.parse(readFileSync(pathOf(path), "utf8"));
export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);
export const textOf = (json: Json): Bytes => utf8(JSON.stringify(json));

/** Files of a folder whose names match. */
export const filesIn = (folder: string, pattern: RegExp, longest: number = Infinity): readonly Bytes[] =>
  readdirSync(pathOf(folder))
    .filter((name) => pattern.test(name))
    .map((name) => bytesOf(`${folder}/${name}`))
    .filter(({ length }) => length <= longest);

/** A model's files, by name. */
export function modelIn(folder: string): Map<string, Bytes> {
  const names = readdirSync(pathOf(folder)).filter((name) => /^(?!golden\.).*\.(json|safetensors|txt)$/.test(name));
  return new Map(names.map((name) => [name, bytesOf(`${folder}/${name}`)]));
}

/** An input of two parts: a name, a line's end, and the rest. */
export const named = (name: string, content: Uint8Array): Bytes => {
  const head = utf8(`${name}\n`);
  const whole = new Uint8Array(head.length + content.length);
  whole.set(head);
  whole.set(content, head.length);
  return whole;
};

export function splitName(input: Bytes): readonly [name: string, content: Bytes] {
  const end = input.indexOf(0x0a);
  return [new TextDecoder().decode(input.subarray(0, end)), input.slice(end + 1)];
}
