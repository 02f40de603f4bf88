/** Hugging Face's `config.json` in our code: the same keys, in camelCase. Only the outermost keys change; what is inside `id2label` stays. */
import { CheckpointError } from "../files/checkpoint-error.ts";
import type { JsonObject } from "../files/read-json.ts";

/** `hidden_size` → `hiddenSize` */
export function camelCaseKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

/** `hiddenSize` → `hidden_size` */
export function snakeCaseKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

/**
 * Those keys of `found` that `defaults` has, checked to be of the same kind; the rest from `defaults`. null counts as absent.
 * @throws CheckpointError naming the first key whose value is of another kind
 */
export function configFrom<C extends object>(defaults: C, found: JsonObject): C {
  const taken = Object.entries(defaults).map(([key, usual]) => {
    const value = found[key] ?? usual;
    if (kindOf(value) !== kindOf(usual))
      throw new CheckpointError(`config: ${key} should be of kind ${kindOf(usual)}, but is ${JSON.stringify(value)}`);
    return [key, value];
  });
  return { ...defaults, ...Object.fromEntries(taken) };
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? "list" : typeof value);
