/** `tokenizer.json` → the stages it describes. */
import { isJsonObject, type JsonObject } from "@x/layers/model";
import { addedTokenFrom } from "../stages/added-tokens.ts";
import { decoderFrom } from "../stages/decoders.ts";
import { objectField, objectsField, stringField } from "../stages/fields.ts";
import { modelFrom } from "../models/models.ts";
import { normalizerFrom } from "../stages/normalizers.ts";
import type { Pipeline } from "../stages/pipeline.ts";
import { preTokenizerFrom } from "../stages/pre-tokenizers.ts";
import { templateFrom, trimsFrom } from "../stages/template.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";

/** @throws TokenizerError when it asks for something unknown */
export function jsonPipeline(json: JsonObject): Pipeline {
  const model = objectField(json, "model");
  return {
    ...modelFrom(model),
    addedTokens: objectsField(json, "added_tokens", []).map(addedTokenFrom),
    normalize: normalizerFrom(part(json, "normalizer")),
    preTokenize: preTokenizerFrom(part(json, "pre_tokenizer")),
    template: templateFrom(part(json, "post_processor")),
    trims: trimsFrom(part(json, "post_processor")),
    decode: textDecoder(part(json, "decoder"), stringField(model, "end_of_word_suffix", "")),
  };
}

function part(json: JsonObject, key: string): JsonObject | undefined {
  const value = json[key];
  if (value === undefined || value === null || isJsonObject(value)) return value ?? undefined;
  throw new TokenizerError(`tokenizer: ${key} should be an object, but is ${JSON.stringify(value).slice(0, 100)}`);
}

/** What marks a word's end (CLIP's `</w>`) becomes a space. */
function textDecoder(json: JsonObject | undefined, suffix: string): (tokens: readonly string[]) => string {
  if (!json) return (tokens) => tokens.join(" ");
  const decode = decoderFrom(json);
  return (tokens) => {
    const text = decode(tokens).join("");
    return suffix === "" ? text : text.replaceAll(suffix, " ").trim();
  };
}
