/** What a model's files say about generation: read from beside its weights, saved beside them. */
import { camelCaseKeys, type FamilyPart, type Json, type JsonObject, jsonText, readJson, snakeCaseKeys } from "@x/layers/model";
import type { GenerationDefaults } from "./decoding.ts";

/** What reading and saving need of a model. */
interface GeneratingModel {
  readonly config: { readonly padTokenId: number; readonly eosTokenId: number; readonly decoderStartTokenId: number };
  generation: GenerationDefaults;
}

/** `generation_config.json`, and older models' `config.json`. */
export const generationPart: FamilyPart<GeneratingModel> = {
  properties: ["generation"],
  async read(model, { source, config }) {
    model.generation = generationDefaultsFrom(await readJson(source, "generation_config.json"), config);
  },
  files: ({ generation, config }) => [["generation_config.json", jsonText(generationHubConfig(generation, config))]],
};

/** The first of the files that says something and not null counts. Of what is of a wrong kind nothing is taken. */
function generationDefaultsFrom(...files: readonly (JsonObject | undefined)[]): GenerationDefaults {
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
function generationHubConfig(
  defaults: GenerationDefaults,
  { padTokenId, eosTokenId, decoderStartTokenId }: GeneratingModel["config"],
): JsonObject {
  return snakeCaseKeys({ ...defaults, padTokenId, eosTokenId, decoderStartTokenId });
}

const withoutNulls = (json: JsonObject): JsonObject => Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));

const isRowsOfNumbers = (value: Json | undefined): value is number[][] =>
  Array.isArray(value) && value.every((row) => Array.isArray(row) && row.every((id) => typeof id === "number"));
