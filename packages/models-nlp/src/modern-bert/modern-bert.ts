/**
 * ModernBERT: "Smarter, Better, Faster, Longer: A Modern Bidirectional Encoder", Warner et al. 2024. Norms first, rotary positions, gated feed-forward networks, and
 * two layers of three whose tokens see those nearby only.
 */
import { ArgumentError, Dropout, type Rng } from "@x/layers";
import { completed } from "@x/layers/model";
import {
  classifierDropoutOf,
  MaskedLM,
  QuestionAnswering,
  SequenceClassification,
  TokenClassification,
} from "../heads/text-encoders-with-heads.ts";
import { TextEncoder, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import { ClassifierPooling } from "./classifier-pooling.ts";
import { modernBertChoices, type ModernBertConfig, modernBertDefaults } from "./config.ts";
import { modernBertFamily } from "./family.ts";
import { ModernBertBlock, ModernBertEmbeddings, normOf, PredictionHead } from "./layers.ts";

export function modernBertParts(given: Partial<ModernBertConfig>, rng: Rng): TextEncoderParts<ModernBertConfig> {
  const config = completed("ModernBERT", modernBertDefaults, given, modernBertChoices);
  const { layerTypes, numHiddenLayers } = config;
  if (layerTypes.length > 0 && layerTypes.length < numHiddenLayers)
    throw new ArgumentError("ModernBERT", `layerTypes names each of ${numHiddenLayers} layers, or none`, `names ${layerTypes.length}`);
  const isLocal = (layer: number): boolean => (layerTypes.length > 0 ? layerTypes[layer] === "sliding_attention" : layer % 3 > 0);
  return {
    name: "ModernBert",
    config,
    embeddings: new ModernBertEmbeddings(config, rng),
    blocks: Array.from({ length: numHiddenLayers }, (_, i) => new ModernBertBlock(config, i, isLocal(i), rng)),
    norm: normOf(config),
  };
}

/** The encoder alone: `ModernBertModel`. */
export class ModernBert extends TextEncoder<ModernBertConfig> {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    super(modernBertParts(config, rng));
  }
}

export class ModernBertForMaskedLM extends MaskedLM<ModernBertConfig> {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    const parts = modernBertParts(config, rng);
    const { dense: transform, norm, activation } = new PredictionHead(parts.config);
    super(parts, { transform, norm, activation, bias: parts.config.decoderBias });
  }
}

export class ModernBertForSequenceClassification extends SequenceClassification<ModernBertConfig> {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    const parts = modernBertParts(config, rng);
    super({ ...parts, pooler: new ClassifierPooling(parts.config.classifierPooling) }, rng, new PredictionHead(parts.config));
  }
}

export class ModernBertForTokenClassification extends TokenClassification<ModernBertConfig> {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    const parts = modernBertParts(config, rng);
    super(parts, rng, new PredictionHead(parts.config));
  }
}

export class ModernBertForQuestionAnswering extends QuestionAnswering<ModernBertConfig> {
  static readonly family: typeof modernBertFamily = modernBertFamily;

  constructor(config: Partial<ModernBertConfig>, rng: Rng) {
    const parts = modernBertParts({ ...config, id2label: { 0: "LABEL_0", 1: "LABEL_1" } }, rng); // an answer's first token, and its last
    super(parts, new Dropout(classifierDropoutOf(parts.config), rng), new PredictionHead(parts.config));
  }
}
