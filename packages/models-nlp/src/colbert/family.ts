import { CheckpointError } from "@x/layers";
import {
  camelCaseKeys,
  checkKeys,
  configFrom,
  type Family,
  type FamilyPart,
  jsonText,
  type JsonObject,
  openPretrained,
  type PretrainedFiles,
  readJson,
  snakeCaseKeys,
  type WeightLayout,
} from "@x/layers/model";
import { bertLayouts } from "../bert/weights.ts";
import type { TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { absolutePositions, textEncoderFamily } from "../text-encoder/text-encoder-family.ts";
import { type ColBERTConfig, colbertDefaults } from "./config.ts";
import { metadataKeys } from "./metadata-keys.ts";

/** The authors' names, as in `colbert-ir/colbertv2.0`: BERT's, and the layer behind it. */
export const colbertLayouts: readonly [WeightLayout] = [
  { ...bertLayouts[0], name: "ColBERT", table: { ...bertLayouts[0].table, "linear.weight": "linear.weight" } },
];

/** What `artifact.metadata` says; `config.json` knows nothing of it. */
const { dim, queryMaxlen, docMaxlen, queryTokenId, docTokenId, maskPunctuation, attendToMaskTokens } = colbertDefaults;
const settings = { dim, queryMaxlen, docMaxlen, queryTokenId, docTokenId, maskPunctuation, attendToMaskTokens };

const metadataPart: FamilyPart<TextEncoderModel<ColBERTConfig>> = {
  properties: [],
  keys: { "artifact.metadata": metadataKeys },
  async read() {},
  files: ({ config }) => [["artifact.metadata", jsonText(pick(snakeCaseKeys({ ...config })))]],
};

interface ColBERTFiles extends PretrainedFiles {
  readonly metadata: JsonObject;
}

const bertLike = textEncoderFamily<ColBERTConfig>({
  model: "ColBERT",
  defaults: colbertDefaults,
  keys: absolutePositions,
  layouts: () => colbertLayouts,
});

/** ColBERT as its authors' code saves it. */
export const colbertFamily: Family<ColBERTConfig, TextEncoderModel<ColBERTConfig>, ColBERTFiles> = {
  ...bertLike,
  async open(source, options) {
    const metadata = (await readJson(source, metadataKeys.file)) ?? {};
    const notes = checkKeys(metadata, metadataKeys, (message) => new CheckpointError(message, { file: source.label }));
    return { ...(await openPretrained(source, options)), metadata, notes };
  },
  async configFrom(files) {
    const found = camelCaseKeys(files.metadata);
    const [width = dim] = files.checkpoint.entries.get("linear.weight")?.shape ?? [];
    const known = Object.fromEntries(Object.entries(found).filter(([key, value]) => key in settings && value !== null));
    return { ...(await bertLike.configFrom(files)), ...configFrom(settings, known), dim: width };
  },
  parts: [...(bertLike.parts ?? []), metadataPart],
};

const pick = (json: JsonObject): JsonObject =>
  Object.fromEntries(Object.keys(snakeCaseKeys(settings)).map((key) => [key, json[key] ?? null]));
