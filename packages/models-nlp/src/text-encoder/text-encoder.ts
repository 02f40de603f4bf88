import {
  type AttentionContext,
  type Embedding,
  fillNormal,
  type Labels,
  type Module,
  paddingMask,
  type Rng,
  type Tensor,
  TensorError,
  type TokenMixer,
  type TraceOptions,
} from "@x/layers";
import { blockScope, checkInts, checkOptions, type Head, numbered, PretrainedModel, runBlocks, traceRules } from "@x/layers/model";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { TextEncoderConfig } from "./config.ts";
import { clearPadding } from "./embeddings.ts";
import type { TextInput } from "./text-input.ts";

/** What an encoder is made of; a family makes them from its config. */
export interface TextEncoderParts<Config> {
  /** What Hugging Face's library calls its classes: `Bert`. */
  readonly name: string;
  readonly config: Config;
  readonly embeddings: TokenEmbeddings;
  readonly blocks: readonly TextBlock[];
  /** Behind the last block. Default: none. */
  readonly norm?: TokenNorm | undefined;
  readonly pooler?: TextPooler | undefined;
  /** What attention adds to its scores by where tokens stand to each other, in all blocks alike. Default: nothing. */
  readonly positionBias?: PositionBias | undefined;
  /** Whether padding changes what a text becomes, as the Fourier transform's does. Default false. */
  readonly padsMatter?: boolean | undefined;
}

/** A block of either order of norms. */
export interface TextBlock extends Module {
  readonly mixer: TokenMixer<AttentionContext>;
  forward(x: Tensor, context: AttentionContext): Tensor;
}

/** What makes vectors of ids: `TextEmbeddings`, or a family's own. */
export interface TokenEmbeddings extends Module {
  readonly wordEmbeddings: Embedding;
  /** Most tokens of a text. */
  readonly maxLength: number;
  /** inputIds (B, N), tokenTypeIds (B, N) → (B, N, D) */
  forward(inputIds: Tensor<"int32">, tokenTypeIds?: Tensor<"int32">): Tensor;
}

/** tokens (B, N, D) of attentionMask (B, N), 1 for a token (default: all) → the whole texts (B, D) */
export interface TextPooler extends Module {
  forward(tokens: Tensor, attentionMask?: Tensor<"int32">): Tensor;
}

/** (…, D) → (…, D) */
export interface TokenNorm extends Module {
  forward(x: Tensor): Tensor;
}

/** N tokens → (heads, N, N) */
export interface PositionBias extends Module {
  forward(length: number): Tensor;
}

/** What saving needs of a model. */
export interface TextEncoderModel<Config> {
  readonly config: Config;
  /** Hugging Face's name for the class. */
  readonly architecture: string;
  tokenizer: Tokenizer | undefined;
  scoreActivation: string | undefined;
}

/** What BERT and its kin have in common: embeddings and blocks. B texts of N tokens, D hidden size. */
export abstract class TextEncoder<Config extends TextEncoderConfig> extends PretrainedModel<Config> implements TextEncoderModel<Config> {
  /** Hugging Face's name for the class. */
  readonly architecture: string;
  /** The checkpoint's, for tasks; undefined when none lay beside it. */
  tokenizer: Tokenizer | undefined;
  /** What a reranker's score goes through, as its files name it: see `rank`. */
  scoreActivation: string | undefined;
  readonly embeddings: TokenEmbeddings;
  readonly blocks: readonly TextBlock[];
  readonly norm: TokenNorm | undefined;
  readonly pooler: TextPooler | undefined;
  readonly positionBias: PositionBias | undefined;
  /** Whether tasks put only texts of one length together. */
  readonly padsMatter: boolean;

  /** @param head what Hugging Face's library adds to the name for the head: `ForMaskedLM` */
  constructor(parts: TextEncoderParts<Config>, head = "Model") {
    const { name, config, embeddings, blocks, norm, pooler, positionBias, padsMatter = false } = parts;
    super(config);
    this.architecture = `${name}${head}`;
    this.embeddings = embeddings;
    this.blocks = blocks;
    this.norm = norm;
    this.pooler = pooler;
    this.positionBias = positionBias;
    this.padsMatter = padsMatter;
  }

  /** Most tokens of a text that it has positions for, special ones included. */
  get maxPositions(): number {
    return this.embeddings.maxLength;
  }

  /** text (B, N) → tokens (B, N, D). Where there is attention, padding isn't seen by it. */
  encode(text: TextInput, options: TraceOptions = {}): Tensor {
    const { inputIds, tokenTypeIds, attentionMask } = text;
    checkInts(this.architecture, { inputIds }, { attentionMask, tokenTypeIds });
    checkOptions(this.architecture, options, traceRules);
    return blockScope(() => {
      const mask = attentionMask && paddingMask(attentionMask); //                  (B, 1, N)
      const embedded = this.embeddings.forward(inputIds, tokenTypeIds); //          (B, N, D)
      const bias = this.positionBias?.forward(inputIds.shape[1] ?? 0); //           (heads, N, N)
      const tokens = runBlocks(this.blocks, embedded, { mask, bias, trace: options.trace });
      return this.norm?.forward(tokens) ?? tokens;
    });
  }

  /**
   * tokens (B, N, D) → the whole texts (B, D). @param attentionMask (B, N), 1 for a token: it counts where the mean of all is taken. Default: all are tokens
   * @throws TensorError when the model has no pooler, as in Hugging Face's library `BertForMaskedLM` has none
   */
  pool(tokens: Tensor, attentionMask?: Tensor<"int32">): Tensor {
    if (!this.pooler) throw new TensorError(`pool: ${this.architecture} has no pooler`);
    return this.pooler.forward(tokens, attentionMask);
  }

  /** N(0, `initializerRange`²) for matrices, zero biases and zeros for the padding token; norms 1 and 0: BERT's authors' code. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) fillNormal(parameter, rng, this.config.initializerRange);
    clearPadding(this.embeddings);
    return this;
  }
}

/** A layer, or layers, called `classifier`. */
export const classifierHead: Head<{ readonly id2label: Labels }> = {
  parameters: ["classifier.*"],
  classes: (names) => ({ id2label: numbered(names) }),
};

/** What a checkpoint of a text encoder may lack, such as one that was trained for something else: the pooler and the heads, as in Hugging Face's library. */
export const poolerAndHeads: readonly string[] = [
  "pooler.*",
  "predictions.*",
  "nextSentence.*",
  "discriminator.*",
  "transform.*",
  "classifier.*",
  "qaOutputs.*",
];
