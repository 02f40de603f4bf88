/**
 * M2M-100: "Beyond English-Centric Multilingual Machine Translation", Fan et al. 2020, and NLLB-200: "No Language Left Behind", NLLB Team 2022, its dense models.
 * A pre-norm Transformer of many languages, whose token stands before a text, and is the first to be written.
 */
import { ArgumentError, fillNormal, type Rng } from "@x/layers";
import { completeConfig } from "../transformer/config.ts";
import { Transformer } from "../transformer/transformer.ts";
import { type M2M100Config, m2m100Defaults } from "./config.ts";
import { m2m100Family } from "./family.ts";

export class M2M100 extends Transformer {
  static override readonly family: typeof m2m100Family = m2m100Family;
  declare readonly config: M2M100Config;

  /** @param rng what dropout draws from */
  constructor(given: Partial<M2M100Config>, rng: Rng) {
    const { tieWordEmbeddings = true } = given; // either all tables are one, or each has its own
    const config = completeConfig(m2m100Defaults, { ...given, shareEncoderDecoderEmbeddings: tieWordEmbeddings });
    if (config.vocabSize !== config.decoderVocabSize) {
      throw new ArgumentError(
        "M2M100",
        "decoderVocabSize must be vocabSize: all languages are of one vocabulary",
        `is ${config.decoderVocabSize}`,
      );
    }
    super(config, rng, { defaults: m2m100Defaults, positions: "fairseq", paddingId: config.padTokenId });
  }

  /** N(0, `initStd`²) for matrices, zero biases and zeros for the padding token; norms 1 and 0. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillNormal(parameter, rng, this.config.initStd);
    const { padTokenId, dModel } = this.config;
    for (const { weight } of [this.encoderEmbedding, this.decoderEmbedding])
      weight.data.fill(0, padTokenId * dModel, (padTokenId + 1) * dModel);
    return this;
  }
}
