/**
 * The Transformer: "Attention Is All You Need", Vaswani et al. 2017.
 * B texts, N tokens of the input, M of the output, D hidden size, V tokens of the vocabulary.
 */
import {
  add,
  crossEntropy,
  type CrossEntropyOptions,
  Dropout,
  Embedding,
  fillXavierUniform,
  init,
  Linear,
  linear,
  loadModule,
  noGrad,
  openPretrained,
  paddingMask,
  type PretrainedOptions,
  reshape,
  Rng,
  type SaveLocation,
  saveModule,
  type SaveOptions,
  scaleAndShift,
  type SourceLocation,
  type Tensor,
  type Trace,
  type WeightLayout,
} from "@x/layers";
import type { Decoding, GenerationDefaults } from "../generation/decoding.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { TokenizerError } from "../tokenizer/stages/tokenizer-error.ts";
import { CachedDecoding } from "./cached-decoding.ts";
import { completeConfig, type TransformerConfig, transformerDefaults } from "./config.ts";
import { EncoderDecoder } from "./encoder-decoder.ts";
import { transformerConfigFrom } from "./hub-config.ts";
import { shiftRight } from "./shift-right.ts";
import { SinusoidalPositions, type SinusoidOrder } from "./sinusoidal-positions.ts";
import { transformerLayouts } from "./weights.ts";

/** In what the Transformer's relatives differ from it. */
export interface TransformerVariant {
  /** Default "interleaved", the paper's. */
  readonly positions?: SinusoidOrder;
  /** The token whose embedding is not trained by being read. Default none. */
  readonly paddingId?: number;
}

export class Transformer<Config extends TransformerConfig = TransformerConfig> extends EncoderDecoder<Config> {
  readonly encoderEmbedding: Embedding;
  /** The encoder's, if they are shared. */
  readonly decoderEmbedding: Embedding;
  /** What makes logits of the decoder's output; undefined if its embeddings do. */
  readonly lmHead: Linear | undefined;
  /** Added to the logits (1, V): saved, not trained. Marian has it. */
  finalLogitsBias: Tensor | undefined;
  readonly dropout: Dropout;
  readonly positions: SinusoidalPositions;
  /** What `generate` and `translate` do where a call says nothing. */
  generation: GenerationDefaults = {};
  /** Of the input's language. */
  tokenizer: Tokenizer | undefined;
  /** Of the output's language. */
  targetTokenizer: Tokenizer | undefined;

  /** The parameters are not filled: use `fromConfig` or `fromPretrained`. @param rng what dropout draws from */
  constructor(config: Config, rng: Rng, { positions = "interleaved", ...padding }: TransformerVariant = {}) {
    super(config, rng);
    const { vocabSize, decoderVocabSize, dModel, shareEncoderDecoderEmbeddings: shared, tieWordEmbeddings: tied } = config;
    this.encoderEmbedding = new Embedding(vocabSize, dModel, padding);
    this.decoderEmbedding = shared ? this.encoderEmbedding : new Embedding(decoderVocabSize, dModel, padding);
    this.lmHead = tied ? undefined : new Linear(dModel, decoderVocabSize, { bias: false });
    this.dropout = new Dropout(config.dropout, rng);
    this.positions = new SinusoidalPositions(dModel, positions);
  }

  /** text (B, N) → what the decoder looks at (B, N, D). Padding is seen by nobody. */
  encode({ inputIds, attentionMask }: TextInput, { trace }: { readonly trace?: Trace | undefined } = {}): Tensor {
    const mask = attentionMask && paddingMask(attentionMask); //           (B, 1, N)
    return this.encoder.forward(this.#embed(inputIds, this.encoderEmbedding, 0), { mask, trace });
  }

  /** Target ids (B, M), the first of which stands at place `first` → tokens with positions (B, M, D). */
  embedTargets(ids: Tensor<"int32">, first = 0): Tensor {
    return this.#embed(ids, this.decoderEmbedding, first);
  }

  /** What the decoder gives (…, D) → logits (…, V). §3.4 */
  project(output: Tensor): Tensor {
    const bias = this.finalLogitsBias && reshape(this.finalLogitsBias, [-1]);
    if (!this.lmHead) return linear(output, this.decoderEmbedding.weight, bias);
    const logits = this.lmHead.forward(output);
    return bias ? add(logits, bias) : logits;
  }

  /**
   * Teacher forcing: logits (B, M, V) of the token after each of `targets` (B, M), from `text` (B, N) and the targets so far.
   * @param options.trace gets the encoder's layers first, then of each of the decoder's the attention to the targets and to the text
   */
  forward(text: TextInput, targets: TextInput, { trace }: { readonly trace?: Trace } = {}): Tensor {
    const remembered = this.decoder.remember(this.encode(text, { trace })); // per layer (B, N, 2D)
    const memoryMask = text.attentionMask && paddingMask(text.attentionMask);
    const mask = targets.attentionMask && paddingMask(targets.attentionMask);
    return this.project(this.decoder.forward(this.embedTargets(targets.inputIds), remembered, { mask, memoryMask, trace }));
  }

  /**
   * Mean cross-entropy of predicting `labels` (B, M), −100 where nothing is asked, from `text` (B, N).
   * @param options.labelSmoothing default 0.1, §5.4
   */
  loss(text: TextInput, labels: Tensor<"int32">, { labelSmoothing = 0.1 }: Pick<CrossEntropyOptions, "labelSmoothing"> = {}): Tensor {
    return crossEntropy(this.forward(text, { inputIds: shiftRight(labels, this.config) }), labels, { labelSmoothing });
  }

  /** Begins to write `sequencesPerInput` sequences for each of the texts (B, N). */
  startDecoding(text: TextInput, sequencesPerInput = 1): Decoding {
    const memory = noGrad(() => ({
      remembered: this.decoder.remember(this.encode(text)),
      mask: text.attentionMask && paddingMask(text.attentionMask),
    }));
    return new CachedDecoding(this, memory, sequencesPerInput);
  }

  /** Xavier-uniform for all matrices, the embeddings' too; zero biases. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillXavierUniform(parameter, rng);
    return this;
  }

  /**
   * A model that `savePretrained` has written, with its tokenizer if that was saved; or a torch.nn.Transformer with embeddings and an output layer, saved
   * with its constructor's arguments. In evaluation mode.
   * @throws CheckpointError when it can't be read or isn't a Transformer
   */
  static override async fromPretrained(
    where: SourceLocation,
    options: PretrainedOptions & { readonly rng?: Rng } = {},
  ): Promise<Transformer> {
    await init();
    const { source, config, checkpoint } = await openPretrained(where, options);
    const model = new Transformer(transformerConfigFrom(config, checkpoint), options.rng ?? new Rng(0));
    await loadModule(model, checkpoint, [model.layout], options);
    if (await source.has("tokenizer.json")) model.tokenizer = model.targetTokenizer = await Tokenizer.fromSource(source);
    return model;
  }

  /** A fresh model. What `config` leaves out is as in the paper's base model. @param options.rng default seed 0 */
  static override async fromConfig(
    config: Partial<TransformerConfig>,
    { rng = new Rng(0) }: { readonly rng?: Rng } = {},
  ): Promise<Transformer> {
    await init();
    return new Transformer(completeConfig(transformerDefaults, config), rng).initialize(rng);
  }

  /**
   * Writes `config.json`, `model.safetensors` and the tokenizer's files.
   * @throws CheckpointError when that fails
   * @throws TokenizerError when two tokenizers have files of the same name
   */
  override async savePretrained(where: SaveLocation, options: SaveOptions = {}): Promise<void> {
    const files = new Map(this.tokenizer?.files);
    for (const [name, content] of this.targetTokenizer?.files ?? []) {
      if (typeof content === "string" && (files.get(name) ?? content) !== content) {
        throw new TokenizerError(`savePretrained: the two tokenizers have different files ${name}; save them in folders of their own`);
      }
      files.set(name, content);
    }
    const alongside = new Map([...files, ...this.configFiles(), ...(options.alongside ?? [])]);
    await saveModule(this, this.layout, where, { ...options, alongside });
  }

  protected override get layout(): WeightLayout {
    return transformerLayouts[this.config.shareEncoderDecoderEmbeddings ? 0 : 1];
  }

  /** Embeddings, scaled by √D, with positions from `first` on. §3.4, §3.5 */
  #embed(ids: Tensor<"int32">, table: Embedding, first: number): Tensor {
    const { scaleEmbedding, dModel } = this.config;
    const tokens = table.forward(ids); //                                   (B, N, D)
    const scaled = scaleEmbedding ? scaleAndShift(tokens, Math.sqrt(dModel), 0) : tokens;
    return this.dropout.forward(add(scaled, this.positions.at(first, ids.shape[1] ?? 0)));
  }
}
