/** Hugging Face's `config.json` in our code: the same keys, in camelCase. Only the outermost keys change; what is inside `id2label` stays. */
import { CheckpointError } from "../files/checkpoint-error.ts";
import type { Json, JsonObject } from "../files/read-json.ts";
import { type Choices, configProblem } from "./config-values.ts";

/** `hidden_size` → `hiddenSize` */
export function camelCaseKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

/** `hiddenSize` → `hidden_size` */
export function snakeCaseKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [snakeCase(key), value]));
}

export const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * Those keys of `found` that `defaults` has; the rest from `defaults`. null counts as absent, and a list of equal numbers as the number, where there can only be one.
 * @throws CheckpointError naming the first key whose value makes no sense
 */
export function configFrom<C extends object>(defaults: C, found: JsonObject, choices?: Choices<C>): C {
  const taken = Object.entries(defaults).map(([key, usual]) => [
    key,
    typeof usual === "number" ? one(found[key] ?? usual) : (found[key] ?? usual),
  ]);
  const config = { ...defaults, ...Object.fromEntries(taken) };
  const problem = configProblem<C>(config, defaults, choices);
  if (!problem) return config;
  const { name, expected, value } = problem;
  throw new CheckpointError(`config.json: ${snakeCase(name)} can't be followed`, { expected, found: JSON.stringify(value)?.slice(0, 100) });
}

/** `[16, 16]` → 16 */
const one = (value: Json): Json => (Array.isArray(value) && value.every((part) => part === value[0]) ? (value[0] ?? value) : value);

/** @param model for the message: `a ViT` @throws CheckpointError when a config's `model_type` isn't one of these */
export function checkModelType(model: string, found: Json | undefined, types: readonly string[], file: string): void {
  if (types.some((type) => type === found)) return;
  const expected = `model_type ${types.join(", ").replace(/, (?=[^,]*$)/, " or ")}`;
  throw new CheckpointError(`this is not ${model}`, { file, expected, found: String(found) });
}
