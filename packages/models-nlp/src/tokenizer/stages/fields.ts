/** Reads fields of JSON that nobody vouches for. null counts as absent. */
import { isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { TokenizerError } from "./tokenizer-error.ts";

/** @throws TokenizerError when it is there and no text, or absent without a fallback */
export function stringField(json: JsonObject, key: string, fallback?: string): string {
  return field(json, key, "a text", fallback, (value) => typeof value === "string");
}

/** @throws TokenizerError when it is there and no number, or absent without a fallback */
export function numberField(json: JsonObject, key: string, fallback?: number): number {
  return field(json, key, "a number", fallback, (value) => typeof value === "number");
}

/** @throws TokenizerError when it is there and neither true nor false, or absent without a fallback */
export function booleanField(json: JsonObject, key: string, fallback?: boolean): boolean {
  return field(json, key, "true or false", fallback, (value) => typeof value === "boolean");
}

/** @throws TokenizerError when it is there and no list, or absent without a fallback */
export function listField(json: JsonObject, key: string, fallback?: readonly Json[]): readonly Json[] {
  return field(json, key, "a list", fallback, isList);
}

/** @throws TokenizerError when it is there and no object, or absent without a fallback */
export function objectField(json: JsonObject, key: string, fallback?: JsonObject): JsonObject {
  return field(json, key, "an object", fallback, isJsonObject);
}

/** The objects in a list. @throws TokenizerError as `listField`, or when one of them is no object */
export function objectsField(json: JsonObject, key: string, fallback?: readonly JsonObject[]): JsonObject[] {
  return listField(json, key, fallback).map((value) => {
    if (isJsonObject(value)) return value;
    throw new TokenizerError(`tokenizer: ${key} should hold objects, but holds ${JSON.stringify(value)}`);
  });
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function field<T extends Json>(json: JsonObject, key: string, kind: string, fallback: T | undefined, fits: (value: Json) => value is T): T {
  const value = (Object.hasOwn(json, key) ? json[key] : undefined) ?? fallback;
  if (value !== undefined && fits(value)) return value;
  const found = value === undefined ? "absent" : JSON.stringify(value).slice(0, 100);
  const owner = typeof json["type"] === "string" ? `${json["type"]}: ` : "";
  throw new TokenizerError(`tokenizer: ${owner}${key} should be ${kind}, but is ${found}`);
}
