/**
 * Marian: the Transformer as Marian NMT trains it (Junczys-Dowmunt et al. 2018), and as `Helsinki-NLP/opus-mt-*` translates with it (Tiedemann & Thottingal 2020).
 * A post-norm Transformer whose positions hold all sines before all cosines, with a bias on the logits.
 */
import {
  fillNormal,
  init,
  keep,
  loadModule,
  openPretrained,
  type PretrainedOptions,
  Rng,
  type SourceLocation,
  type WeightLayout,
  zeros,
} from "@x/layers";
import { generationDefaultsFrom, generationHubConfig } from "../generation/hub-config.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { completeConfig } from "../transformer/config.ts";
import { Transformer } from "../transformer/transformer.ts";
import { type MarianConfig, marianDefaults } from "./config.ts";
import { marianConfigFrom, marianHubConfig } from "./hub-config.ts";
import { marianLayouts } from "./weights.ts";

export class Marian extends Transformer<MarianConfig> {
  /** The parameters are not filled: use `fromConfig` or `fromPretrained`. @param rng what dropout draws from */
  constructor(config: MarianConfig, rng: Rng) {
    super(config, rng, { positions: "halves", paddingId: config.padTokenId });
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

  /**
   * A model from the hub (`"Helsinki-NLP/opus-mt-en-de"`), a folder, an address, or files in memory, with its tokenizers if their files are there
   * (`source.spm`, `target.spm`, `vocab.json`) and what `generation_config.json` says; in evaluation mode.
   * @throws CheckpointError when it can't be read or isn't a Marian model
   */
  static override async fromPretrained(where: SourceLocation, options: PretrainedOptions & { readonly rng?: Rng } = {}): Promise<Marian> {
    await init();
    const { source, config, checkpoint, readJson } = await openPretrained(where, options);
    const model = new Marian(marianConfigFrom(config, source.label), options.rng ?? new Rng(0));
    await loadModule(model, checkpoint, [model.layout], options);
    model.generation = generationDefaultsFrom(await readJson("generation_config.json"), config);
    if (await source.has("source.spm")) {
      model.tokenizer = await Tokenizer.fromSource(source);
      model.targetTokenizer = await Tokenizer.fromSource(source, { side: "target" });
    }
    return model;
  }

  /** A fresh model. What `config` leaves out is as in Hugging Face's library. @param options.rng default seed 0 */
  static override async fromConfig(config: Partial<MarianConfig>, { rng = new Rng(0) }: { readonly rng?: Rng } = {}): Promise<Marian> {
    await init();
    return new Marian(completeConfig(marianDefaults, config), rng).initialize(rng);
  }

  protected override get layout(): WeightLayout {
    return marianLayouts[this.config.shareEncoderDecoderEmbeddings ? 0 : 1];
  }

  protected override configFiles(): ReadonlyMap<string, string> {
    const files = {
      "config.json": marianHubConfig(this.config),
      "generation_config.json": generationHubConfig(this.generation, this.config),
    };
    return new Map(Object.entries(files).map(([name, json]) => [name, `${JSON.stringify(json, null, 2)}\n`]));
  }
}
