/** `tokenizer.json` → the stages it describes. */
import { isJsonObject, type JsonObject } from "@x/layers/model";
import { addedTokenFrom } from "../stages/added-tokens.ts";
import { decoderFrom } from "../stages/decoders.ts";
import { objectField, objectsField } from "../stages/fields.ts";
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
    decode: textDecoder(part(json, "decoder")),
  };
}

function part(json: JsonObject, key: string): JsonObject | undefined {
  const value = json[key];
  if (value === undefined || value === null || isJsonObject(value)) return value ?? undefined;
  throw new TokenizerError(`tokenizer: ${key} should be an object, but is ${JSON.stringify(value).slice(0, 100)}`);
}

function textDecoder(json: JsonObject | undefined): Pipeline["decode"] {
  if (!json) return (tokens) => tokens.join(" ");
  const decode = decoderFrom(json);
  return (tokens) => decode(tokens).join("");
}

/** What CLIP's class makes of texts: what marks a word's end becomes a space. */
export const withSpacesBetweenWords = (pipeline: Pipeline): Pipeline => ({
  ...pipeline,
  decode: (tokens) => pipeline.decode(tokens).replaceAll("</w>", " ").trim(),
});
