/** Hugging Face's `config.json` in our code: the same keys, in camelCase. Only the outermost keys change; what is inside `id2label` stays. */
import { CheckpointError } from "../files/checkpoint-error.ts";
import type { Json, JsonObject } from "../files/read-json.ts";

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

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * Those keys of `found` that `defaults` has, checked to be of the same kind; the rest from `defaults`. null counts as absent.
 * @throws CheckpointError naming the first key whose value is of another kind
 */
export function configFrom<C extends object>(defaults: C, found: JsonObject): C {
  const taken = Object.entries(defaults).map(([key, usual]) => {
    const value = found[key] ?? usual;
    if (kindOf(value) === kindOf(usual)) return [key, value];
    throw new CheckpointError(`config.json: ${snakeCase(key)} is of another kind`, {
      expected: kindOf(usual),
      found: JSON.stringify(value),
    });
  });
  return { ...defaults, ...Object.fromEntries(taken) };
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? "list" : typeof value);

/** @param model for the message: `a ViT` @throws CheckpointError when a config's `model_type` isn't one of these */
export function checkModelType(model: string, found: Json | undefined, types: readonly string[], file: string): void {
  if (types.some((type) => type === found)) return;
  const expected = `model_type ${types.join(", ").replace(/, (?=[^,]*$)/, " or ")}`;
  throw new CheckpointError(`this is not ${model}`, { file, expected, found: String(found) });
}
