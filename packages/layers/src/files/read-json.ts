import { CheckpointError, quote } from "./checkpoint-error.ts";
import type { FileSource } from "./file-source.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A file's JSON object; undefined when there is no such file. @throws CheckpointError when it isn't a JSON object */
export async function readJson(source: FileSource, name: string): Promise<JsonObject | undefined> {
  return (await source.has(name)) ? requireJson(source, name) : undefined;
}

/** The same. @throws CheckpointError when there is no such file, too */
export async function requireJson(source: FileSource, name: string): Promise<JsonObject> {
  return parseJson(await source.readText(name), name, source);
}

/** A text that should be a JSON object. The file's name and its source are for messages. @throws CheckpointError when it isn't one */
export function parseJson(text: string, name: string, { label: file }: Pick<FileSource, "label">): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new CheckpointError(`${name} is not JSON`, { file, found: quote(text.slice(0, 60)), cause });
  }
  if (isJsonObject(value)) {
    const { error, ...more } = value;
    if (typeof error !== "string" || Object.keys(more).length > 3) return value;
    throw new CheckpointError(`${name} is a server's answer, not the file itself: ${quote(error)}`, { file });
  }
  throw new CheckpointError(`${name} is not a JSON object`, { file });
}
