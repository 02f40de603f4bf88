import {
  init,
  loadModule,
  Module,
  openPretrained,
  type PretrainedOptions,
  Rng,
  type SaveLocation,
  saveModule,
  type SaveOptions,
  type SourceLocation,
  type WeightLayout,
} from "@x/layers";
import { completeConfig, type TransformerConfig, transformerDefaults } from "./config.ts";
import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import { transformerConfigFrom, transformerHubConfig } from "./hub-config.ts";
import { encoderDecoderLayout } from "./weights.ts";

/**
 * The two stacks by themselves, from vectors to vectors: what torch.nn.Transformer is.
 *
 * ```ts
 * const memory = model.encoder.forward(source);                                   // (B, N, D)
 * const output = model.decoder.forward(target, model.decoder.remember(memory));   // (B, M, D)
 * ```
 */
export class EncoderDecoder<Config extends TransformerConfig = TransformerConfig> extends Module {
  readonly config: Config;
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  /** The parameters are not filled: use `fromConfig` or `fromPretrained`. @param rng what dropout draws from */
  constructor(config: Config, rng: Rng) {
    super();
    this.config = config;
    this.encoder = new Encoder(config, rng);
    this.decoder = new Decoder(config, rng);
  }

  /** torch.nn.Transformer's weights, saved with its constructor's arguments as `config.json`. @throws CheckpointError when it can't be read or isn't one */
  static async fromPretrained(where: SourceLocation, options: PretrainedOptions = {}): Promise<EncoderDecoder> {
    await init();
    const files = await openPretrained(where, options);
    const model = new EncoderDecoder(transformerConfigFrom(files.config, files.checkpoint), new Rng(0));
    await loadModule(model, files.checkpoint, [encoderDecoderLayout], options);
    return model;
  }

  /** A fresh model: Xavier-uniform matrices. @param options.rng default seed 0 */
  static async fromConfig(config: Partial<TransformerConfig>, { rng = new Rng(0) }: { readonly rng?: Rng } = {}): Promise<EncoderDecoder> {
    await init();
    return new EncoderDecoder(completeConfig(transformerDefaults, config), rng).initialize(rng);
  }

  /** Writes `config.json` and `model.safetensors`. @throws CheckpointError when that fails */
  async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const alongside = new Map([...this.configFiles(), ...(options.alongside ?? [])]);
    await saveModule(this, this.layout, where, { ...options, alongside });
  }

  /** How adapters name its weights: see `LoRA`. */
  get layouts(): readonly WeightLayout[] {
    return [this.layout];
  }

  /** The names that its weights are saved under. */
  protected get layout(): WeightLayout {
    return encoderDecoderLayout;
  }

  /** The JSON files of a model folder. */
  protected configFiles(): ReadonlyMap<string, string> {
    return new Map([["config.json", `${JSON.stringify(transformerHubConfig(this.config), null, 2)}\n`]]);
  }
}
