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
  linear,
  Linear,
  paddingMask,
  type Parameter,
  reshape,
  type Rng,
  scaleAndShift,
  ShapeError,
  type Tensor,
  type TraceOptions,
} from "@x/layers";
import { anObject, aShare, checkInts, checkOptions, oneOf, traceRules, wholeFrom } from "@x/layers/model";
import type { Decoding, GenerationDefaults } from "../generation/decoding.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { CachedDecoding } from "./cached-decoding.ts";
import type { TransformerConfig, TransformerVariant } from "./config.ts";
import { EncoderDecoder } from "./encoder-decoder.ts";
import { transformerFamily } from "./family.ts";
import { shiftRight } from "./shift-right.ts";
import { SinusoidalPositions } from "./sinusoidal-positions.ts";

/** With embeddings and an output layer. It reads what `savePretrained` writes, and a torch.nn.Transformer saved with its constructor's arguments. */
export class Transformer extends EncoderDecoder {
  static override readonly family: typeof transformerFamily = transformerFamily;
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

  /** @param rng what dropout draws from */
  constructor(config: Partial<TransformerConfig>, rng: Rng, variant: TransformerVariant = {}) {
    super(config, rng, variant.defaults);
    checkOptions("Transformer", variant, {
      defaults: anObject,
      positions: oneOf("interleaved", "halves", "fairseq"),
      paddingId: wholeFrom(0),
    });
    const { positions = "interleaved", paddingId } = variant;
    const { vocabSize, decoderVocabSize, dModel, dropout, shareEncoderDecoderEmbeddings: shared, tieWordEmbeddings: tied } = this.config;
    this.encoderEmbedding = new Embedding(vocabSize, dModel, { paddingId });
    this.decoderEmbedding = shared ? this.encoderEmbedding : new Embedding(decoderVocabSize, dModel, { paddingId });
    this.lmHead = tied ? undefined : new Linear(dModel, decoderVocabSize, { bias: false });
    this.dropout = new Dropout(dropout, rng);
    this.positions = new SinusoidalPositions(dModel, positions);
  }

  /** The embeddings, where encoder and decoder share them or they make the logits as well. */
  override get tiedParameters(): readonly Parameter[] {
    return this.lmHead && this.encoderEmbedding !== this.decoderEmbedding ? [] : [this.decoderEmbedding.weight];
  }

  /** text (B, N) → what the decoder looks at (B, N, D). Padding is seen by nobody. */
  encode(text: TextInput, options: TraceOptions = {}): Tensor {
    checkOptions("Transformer", options, traceRules);
    checkInts("Transformer", { inputIds: text.inputIds });
    const mask = text.attentionMask && paddingMask(text.attentionMask); // (B, 1, N)
    return this.encoder.forward(this.#embed(text.inputIds, this.encoderEmbedding, 0), { mask, trace: options.trace });
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
  forward(text: TextInput, targets: TextInput, options: TraceOptions = {}): Tensor {
    const remembered = this.decoder.remember(this.encode(text, options)); // per layer (B, N, 2D)
    const memoryMask = text.attentionMask && paddingMask(text.attentionMask);
    const mask = targets.attentionMask && paddingMask(targets.attentionMask);
    return this.project(this.decoder.forward(this.embedTargets(targets.inputIds), remembered, { mask, memoryMask, trace: options.trace }));
  }

  /**
   * Mean cross-entropy of predicting `labels` (B, M), −100 where nothing is asked, from `text` (B, N).
   * @param options.labelSmoothing default 0.1, §5.4
   */
  loss(text: TextInput, labels: Tensor<"int32">, options: Pick<CrossEntropyOptions, "labelSmoothing"> = {}): Tensor {
    checkOptions("Transformer.loss", options, { labelSmoothing: aShare });
    const { labelSmoothing = 0.1 } = options;
    return crossEntropy(this.forward(text, { inputIds: shiftRight(labels, this.config) }), labels, { labelSmoothing });
  }

  /** Begins to write `sequencesPerInput` sequences for each of the texts (B, N). */
  startDecoding(text: TextInput, sequencesPerInput = 1): Decoding {
    return new CachedDecoding(this, text, sequencesPerInput);
  }

  /** Xavier-uniform for all matrices, the embeddings' too; zero biases. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillXavierUniform(parameter, rng);
    return this;
  }

  /** Embeddings, scaled by √D, with positions from `first` on. §3.4, §3.5 */
  #embed(ids: Tensor<"int32">, table: Embedding, first: number): Tensor {
    if (ids.shape.length !== 2) throw new ShapeError("Transformer", "inputIds must be (B, N)", { inputIds: ids.shape });
    const { scaleEmbedding, dModel } = this.config;
    const tokens = table.forward(ids); //                                   (B, N, D)
    const scaled = scaleEmbedding ? scaleAndShift(tokens, Math.sqrt(dModel), 0) : tokens;
    return this.dropout.forward(add(scaled, this.positions.of(ids, first, table.paddingId)));
  }
}
