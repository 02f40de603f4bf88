/**
 * ELECTRA: "Pre-training Text Encoders as Discriminators Rather Than Generators", Clark, Luong, Le & Manning 2020. BERT's encoder on narrower embeddings, that
 * tells which words of a text a generator has replaced.
 */
import { type Activation, activationOf, Linear, Module, type Rng, reshape, type Tensor, type TraceOptions } from "@x/layers";
import { blockScope, completed, postNormBlock } from "@x/layers/model";
import {
  classifierDropoutOf,
  FirstTokenClassification,
  MaskedLM,
  QuestionAnswering,
  TokenClassification,
} from "../heads/text-encoders-with-heads.ts";
import { TextEmbeddings } from "../text-encoder/embeddings.ts";
import { TextEncoder, type TextEncoderParts } from "../text-encoder/text-encoder.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import { type ElectraConfig, electraDefaults } from "./config.ts";
import { electraFamily } from "./family.ts";

/** Embeddings of width E, then a linear layer to D where the two differ. §3.2, "Smaller Models". */
class ElectraEmbeddings extends TextEmbeddings {
  readonly toHidden: Linear | undefined;

  constructor(config: ElectraConfig, rng: Rng) {
    const { embeddingSize, hiddenSize } = config;
    super({ ...config, hiddenSize: embeddingSize }, rng);
    this.toHidden = embeddingSize === hiddenSize ? undefined : new Linear(embeddingSize, hiddenSize);
  }

  override forward(inputIds: Tensor<"int32">, tokenTypeIds?: Tensor<"int32">): Tensor {
    const x = super.forward(inputIds, tokenTypeIds); //                     (B, N, E)
    return this.toHidden?.forward(x) ?? x;
  }
}

export function electraParts(given: Partial<ElectraConfig>, rng: Rng): TextEncoderParts<ElectraConfig> {
  const config = completed("ELECTRA", electraDefaults, given);
  const blocks = Array.from({ length: config.numHiddenLayers }, () => postNormBlock(config, rng));
  return { name: "Electra", config, embeddings: new ElectraEmbeddings(config, rng), blocks };
}

/** The encoder alone: `ElectraModel`. */
export class Electra extends TextEncoder<ElectraConfig> {
  static readonly family: typeof electraFamily = electraFamily;

  constructor(config: Partial<ElectraConfig>, rng: Rng) {
    super(electraParts(config, rng));
  }
}

/** Linear → activation → one output: whether a token was replaced. */
class Discriminator extends Module {
  readonly dense: Linear;
  readonly output: Linear;
  readonly #activation: Activation;

  constructor({ hiddenSize, hiddenAct }: ElectraConfig) {
    super();
    this.dense = new Linear(hiddenSize, hiddenSize);
    this.output = new Linear(hiddenSize, 1);
    this.#activation = activationOf(hiddenAct);
  }

  /** tokens (B, N, D) → (B, N) */
  forward(tokens: Tensor): Tensor {
    const x = this.output.forward(this.dense.forward(tokens, { activation: this.#activation })); // (B, N, 1)
    return reshape(x, tokens.shape.slice(0, 2));
  }
}

/** The discriminator. §2, eq. 2; its loss is `replacedTokenLoss`. */
export class ElectraForPreTraining extends TextEncoder<ElectraConfig> {
  static readonly family: typeof electraFamily = electraFamily;
  readonly discriminator: Discriminator;

  constructor(config: Partial<ElectraConfig>, rng: Rng) {
    super(electraParts(config, rng), "ForPreTraining");
    this.discriminator = new Discriminator(this.config);
  }

  /** text (B, N) → logits (B, N), above 0 where a token seems to have been replaced */
  forward(text: TextInput, options?: TraceOptions): Tensor {
    return blockScope(() => this.discriminator.forward(this.encode(text, options)));
  }
}

/** The generator, which fills in masked words. §2. */
export class ElectraForMaskedLM extends MaskedLM<ElectraConfig> {
  static readonly family: typeof electraFamily = electraFamily;

  constructor(config: Partial<ElectraConfig>, rng: Rng) {
    super(electraParts(config, rng), { activation: "gelu" });
  }
}

export class ElectraForSequenceClassification extends FirstTokenClassification<ElectraConfig> {
  static readonly family: typeof electraFamily = electraFamily;

  constructor(config: Partial<ElectraConfig>, rng: Rng) {
    const parts = electraParts(config, rng);
    const dropout = classifierDropoutOf(parts.config);
    super(parts, rng, { activation: "gelu", inputDropout: dropout, dropout });
  }
}

export class ElectraForTokenClassification extends TokenClassification<ElectraConfig> {
  static readonly family: typeof electraFamily = electraFamily;

  constructor(config: Partial<ElectraConfig>, rng: Rng) {
    super(electraParts(config, rng), rng);
  }
}

export class ElectraForQuestionAnswering extends QuestionAnswering<ElectraConfig> {
  static readonly family: typeof electraFamily = electraFamily;

  constructor(config: Partial<ElectraConfig>, rng: Rng) {
    super(electraParts(config, rng));
  }
}
