import { camelCaseKeys, type Json, type JsonObject, snakeCaseKeys } from "@x/layers";
import type { GenerationDefaults } from "./decoding.ts";

/**
 * What a model's files say about generation: `generation_config.json`, and older models' `config.json`, where it isn't null. Of what is of a wrong kind
 * nothing is taken.
 */
export function generationDefaultsFrom(...files: readonly (JsonObject | undefined)[]): GenerationDefaults {
  const found = camelCaseKeys(Object.assign({}, ...files.toReversed().map((file) => withoutNulls(file ?? {}))) as JsonObject);
  const numbers = ["maxLength", "numBeams", "lengthPenalty", "forcedEosTokenId"] as const;
  const taken = numbers.flatMap((key) => (typeof found[key] === "number" ? [[key, found[key]] as const] : []));
  const { earlyStopping, renormalizeLogits, badWordsIds } = found;
  return {
    ...Object.fromEntries(taken),
    ...((typeof earlyStopping === "boolean" || earlyStopping === "never") && { earlyStopping }),
    ...(typeof renormalizeLogits === "boolean" && { renormalizeLogits }),
    ...(isRowsOfNumbers(badWordsIds) && { badWordsIds }),
  };
}

/** `generation_config.json` as Hugging Face's library reads it. */
export function generationHubConfig(
  defaults: GenerationDefaults,
  ids: { readonly padTokenId: number; readonly eosTokenId: number; readonly decoderStartTokenId: number },
): JsonObject {
  const { padTokenId, eosTokenId, decoderStartTokenId } = ids;
  return snakeCaseKeys({ ...defaults, padTokenId, eosTokenId, decoderStartTokenId });
}

const withoutNulls = (json: JsonObject): JsonObject => Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));

const isRowsOfNumbers = (value: Json | undefined): value is number[][] =>
  Array.isArray(value) && value.every((row) => Array.isArray(row) && row.every((id) => typeof id === "number"));
