/** The encoders that vectors are made with, by their `model_type`. */
import { CheckpointError, type Rng } from "@x/layers";
import type { Family, JsonObject } from "@x/layers/model";
import { bertParts } from "../bert/bert.ts";
import { bertFamily } from "../bert/family.ts";
import { distilBertParts } from "../distilbert/distilbert.ts";
import { distilBertFamily } from "../distilbert/family.ts";
import { electraParts } from "../electra/electra.ts";
import { electraFamily } from "../electra/family.ts";
import { modernBertFamily } from "../modern-bert/family.ts";
import { modernBertParts } from "../modern-bert/modern-bert.ts";
import { mpNetFamily } from "../mpnet/family.ts";
import { mpNetParts } from "../mpnet/mpnet.ts";
import { robertaFamily } from "../roberta/family.ts";
import { robertaParts } from "../roberta/roberta.ts";
import type { TextEncoderConfig } from "../text-encoder/config.ts";
import { TextEncoder, type TextEncoderModel, type TextEncoderParts } from "../text-encoder/text-encoder.ts";

interface EncoderKind {
  readonly family: Family<TextEncoderConfig, TextEncoderModel<TextEncoderConfig>>;
  parts(config: Partial<TextEncoderConfig>, rng: Rng): TextEncoderParts<TextEncoderConfig>;
}

const roberta: EncoderKind = { family: robertaFamily, parts: robertaParts };
const kinds: Readonly<Record<string, EncoderKind>> = {
  bert: { family: bertFamily, parts: bertParts },
  roberta,
  "xlm-roberta": roberta,
  camembert: roberta,
  distilbert: { family: distilBertFamily, parts: distilBertParts },
  mpnet: { family: mpNetFamily, parts: mpNetParts },
  modernbert: { family: modernBertFamily, parts: modernBertParts },
  electra: { family: electraFamily, parts: electraParts },
};

/** How encoders of that kind are on the hub. @throws CheckpointError when none is */
export function encoderFamilyOf(modelType: unknown): EncoderKind["family"] {
  return kindOf(modelType).family;
}

/** BERT's, where a file doesn't say. */
export const modelTypeOf = (config: JsonObject): unknown => config["model_type"] ?? "bert";

/** An encoder alone, of the kind that its config says. Default BERT. */
export function encoderOf(config: Partial<TextEncoderConfig>, rng: Rng): TextEncoder<TextEncoderConfig> {
  const kind = kindOf(config.modelType ?? "bert");
  class Encoder extends TextEncoder<TextEncoderConfig> {
    static readonly family: EncoderKind["family"] = kind.family;
  }
  return new Encoder(kind.parts(config, rng));
}

function kindOf(modelType: unknown): EncoderKind {
  const found = typeof modelType === "string" && Object.hasOwn(kinds, modelType) ? kinds[modelType] : undefined;
  if (found) return found;
  throw new CheckpointError("no such encoder is here to make vectors with", {
    expected: `model_type ${Object.keys(kinds).join(", ")}`,
    found: String(modelType).slice(0, 100),
  });
}
