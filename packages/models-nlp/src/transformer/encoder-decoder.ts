import type { Rng } from "@x/layers";
import { PretrainedModel } from "@x/layers/model";
import { completeConfig, type TransformerConfig, transformerDefaults } from "./config.ts";
import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import { encoderDecoderFamily } from "./family.ts";

/**
 * The two stacks by themselves, from vectors to vectors: what torch.nn.Transformer is, saved with its constructor's arguments as `config.json`.
 *
 * ```ts
 * const memory = model.encoder.forward(source);                                   // (B, N, D)
 * const output = model.decoder.forward(target, model.decoder.remember(memory));   // (B, M, D)
 * ```
 */
export class EncoderDecoder extends PretrainedModel<TransformerConfig> {
  static readonly family: typeof encoderDecoderFamily = encoderDecoderFamily;
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  /** @param rng what dropout draws from @param defaults for what `config` leaves out; their keys are those that there are */
  constructor(config: Partial<TransformerConfig>, rng: Rng, defaults: TransformerConfig = transformerDefaults) {
    super(completeConfig(defaults, config));
    this.encoder = new Encoder(this.config, rng);
    this.decoder = new Decoder(this.config, rng);
  }
}
