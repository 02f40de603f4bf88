/** What a model's files say about generation: read from beside its weights, saved beside them. */
import { CheckpointError, TensorError } from "@x/layers";
import { checkKeys, type FamilyPart, type Json, type JsonObject, jsonText, readJson, snakeCase, snakeCaseKeys } from "@x/layers/model";
import type { GenerationDefaults } from "./decoding.ts";
import { type Drawing, drawingRules } from "./drawing.ts";
import { generationKeys } from "./generation-keys.ts";

/** What reading and saving need of a model. */
interface GeneratingModel {
  readonly config: { readonly padTokenId: number; readonly eosTokenId: number; readonly decoderStartTokenId: number };
  generation: GenerationDefaults;
}

/** `generation_config.json`, and older models' `config.json`. */
export const generationPart: FamilyPart<GeneratingModel> = {
  properties: ["generation"],
  keys: { "generation_config.json": generationKeys },
  async read(model, { source, config }) {
    model.generation = generationDefaultsFrom(await readJson(source, "generation_config.json"), config);
  },
  files: ({ generation, config }) => [["generation_config.json", jsonText(generationHubConfig(generation, config))]],
};

/**
 * What `generation_config.json` says, or an older model's `config.json` where there is no such file. null says nothing, nor do keys that Hugging Face's library
 * doesn't know either.
 * @throws CheckpointError when a value makes no sense
 * @throws TensorError when a key can't be followed
 */
export function generationDefaultsFrom(generation: JsonObject | undefined, config: JsonObject): GenerationDefaults {
  const found = withoutNulls(generation ?? config);
  const file = generation ? "generation_config.json" : "config.json";
  checkKeys(found, { ...generationKeys, file }, (message) => new TensorError(message));
  const read = <T extends Json>(key: string, expected: string, fits: (value: Json) => value is T): T | undefined => {
    const value = found[key];
    if (value === undefined || fits(value)) return value;
    throw new CheckpointError(`${file}: ${key}`, { expected, found: JSON.stringify(value).slice(0, 100) });
  };
  if (found["do_sample"] === true && Number(found["num_beams"] ?? 1) > 1)
    throw new TensorError(`${file}: do_sample with num_beams can't be followed: beams take the likeliest here`);
  const written = read("max_new_tokens", "a whole number from 1 on", isCount);
  return Object.fromEntries(
    Object.entries({
      maxLength: written === undefined ? read("max_length", "a whole number from 1 on", isCount) : written + 1,
      numBeams: read("num_beams", "a whole number from 1 on", isCount),
      lengthPenalty: read("length_penalty", "a number from −100 to 100", isPenalty),
      earlyStopping: read("early_stopping", 'true, false or "never"', isEarlyStopping),
      badWordsIds: read("bad_words_ids", "rows of ids", isRowsOfIds),
      forcedEosTokenId: oneOf(read("forced_eos_token_id", "an id", isIdOrOne)),
      forcedBosTokenId: oneOf(read("forced_bos_token_id", "an id", isIdOrOne)),
      minLength: read("min_length", "a whole number from 0 on", isId),
      minNewTokens: read("min_new_tokens", "a whole number from 0 on", isId),
      repetitionPenalty: read("repetition_penalty", "a number above 0", isAboveZero),
      noRepeatNgramSize: read("no_repeat_ngram_size", "a whole number from 0 on", isId),
      suppressTokens: read("suppress_tokens", "ids", isIds),
      beginSuppressTokens: read("begin_suppress_tokens", "ids", isIds),
      renormalizeLogits: read("renormalize_logits", "true or false", isBoolean),
      doSample: read("do_sample", "true or false", isBoolean),
      drawing: drawingFrom(found, file),
      ...(generation && {
        eosTokenId: unless(config["eos_token_id"], single(read("eos_token_id", "an id, or ids", isIdOrIds))),
        decoderStartTokenId: unless(config["decoder_start_token_id"], read("decoder_start_token_id", "an id", isId)),
      }),
    }).filter(([, value]) => value !== undefined),
  );
}

/** How to draw; undefined where nothing is said. top_k 0 says nothing. @throws CheckpointError when a value makes no sense */
function drawingFrom(found: JsonObject, file: string): Drawing | undefined {
  const said = Object.entries(drawingRules).flatMap(([name, { rule, holds }]) => {
    const key = snakeCase(name);
    const value = found[key];
    if (value === undefined || (name === "topK" && value === 0)) return [];
    if (holds(value)) return [[name, value] as const];
    throw new CheckpointError(`${file}: ${key}`, { expected: rule, found: JSON.stringify(value).slice(0, 100) });
  });
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

/** `generation_config.json` as Hugging Face's library reads it. */
function generationHubConfig(
  { drawing, ...defaults }: GenerationDefaults,
  { padTokenId, eosTokenId, decoderStartTokenId }: GeneratingModel["config"],
): JsonObject {
  return snakeCaseKeys({ padTokenId, eosTokenId, decoderStartTokenId, ...defaults, ...drawing });
}

const withoutNulls = (json: JsonObject): JsonObject => Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));

const isBoolean = (value: Json): value is boolean => typeof value === "boolean";
const isCount = (value: Json): value is number => isId(value) && value > 0;
const isPenalty = (value: Json): value is number => typeof value === "number" && Math.abs(value) <= 100;
const isEarlyStopping = (value: Json): value is boolean | "never" => isBoolean(value) || value === "never";
const isId = (value: Json): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
const isRowsOfIds = (value: Json): value is number[][] =>
  isList(value) && value.every((row) => isList(row) && row.length > 0 && row.every(isId));
const isAboveZero = (value: Json): value is number => typeof value === "number" && value > 0;
const isIds = (value: Json): value is number[] => isList(value) && value.every(isId);
const isIdOrIds = (value: Json): value is number | number[] => isId(value) || (isIds(value) && value.length > 0);
/** One id, or a list of just one. */
const isIdOrOne = (value: Json): value is number | [number] => isId(value) || (isList(value) && value.length === 1 && value.every(isId));
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** Only what differs from what the model's config says already. */
const unless = <Value extends Json>(said: Json | undefined, value: Value | undefined): Value | undefined =>
  value === said ? undefined : value;

/** A list of one is that one. */
const single = (value: number | readonly number[] | undefined): number | readonly number[] | undefined =>
  typeof value === "object" && value.length === 1 ? value[0] : value;

const oneOf = (value: number | [number] | undefined): number | undefined => (Array.isArray(value) ? value[0] : value);
