/**
 * Marian: the Transformer as Marian NMT trains it (Junczys-Dowmunt et al. 2018), and as `Helsinki-NLP/opus-mt-*` translates with it (Tiedemann & Thottingal 2020).
 * A post-norm Transformer whose positions hold all sines before all cosines, with a bias on the logits.
 */
import { fillNormal, keep, type Rng, zeros } from "@x/layers";
import { completeConfig } from "../transformer/config.ts";
import { Transformer } from "../transformer/transformer.ts";
import { type MarianConfig, marianDefaults } from "./config.ts";
import { marianFamily } from "./family.ts";

export class Marian extends Transformer {
  static override readonly family: typeof marianFamily = marianFamily;
  declare readonly config: MarianConfig;

  /** @param rng what dropout draws from */
  constructor(given: Partial<MarianConfig>, rng: Rng) {
    const { tieWordEmbeddings = true, shareEncoderDecoderEmbeddings = true } = given;
    const shared = shareEncoderDecoderEmbeddings && tieWordEmbeddings; // untied, each has a table of its own, as in Hugging Face's library
    const config = completeConfig(marianDefaults, { ...given, shareEncoderDecoderEmbeddings: shared });
    super(config, rng, { positions: "halves", paddingId: config.padTokenId, defaults: marianDefaults });
    this.finalLogitsBias = keep(zeros([1, config.decoderVocabSize]));
  }

  /** N(0, `initStd`²) for matrices, zero biases and zeros for the padding token; norms 1 and 0. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillNormal(parameter, rng, this.config.initStd);
    const { padTokenId, dModel } = this.config;
    for (const { weight } of [this.encoderEmbedding, this.decoderEmbedding]) {
      weight.data.fill(0, padTokenId * dModel, (padTokenId + 1) * dModel);
    }
    return this;
  }
}
