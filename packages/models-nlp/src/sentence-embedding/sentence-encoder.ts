/**
 * Sentence embeddings: "Sentence-BERT", Reimers & Gurevych 2019. What sentence-transformers repositories declare: MiniLM, BGE, E5, GTE, all-mpnet's BERT kin.
 */
import {
  activate,
  blockScope,
  init,
  Linear,
  loadModule,
  Module,
  openCheckpoint,
  openSource,
  type PretrainedOptions,
  type SourceLocation,
  type Tensor,
  type Trace,
  type WeightLayout,
} from "@x/layers";
import { BertEncoder } from "../bert/bert.ts";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { type DenseModule, readModules, type SentenceModules } from "./modules.ts";
import { neverEmpty, type PoolingMode, poolTokens, unitLength, withoutFirst } from "./pooling.ts";

/** A linear layer after pooling, as sentence-transformers' `Dense`. */
class Dense extends Module {
  readonly linear: Linear;
  readonly #activation: DenseModule["activation"];

  constructor({ inFeatures, outFeatures, bias, activation }: DenseModule) {
    super();
    this.linear = new Linear(inFeatures, outFeatures, { bias });
    this.#activation = activation;
  }

  forward(x: Tensor): Tensor {
    const y = this.linear.forward(x);
    return this.#activation === "identity" ? y : activate(y, this.#activation);
  }
}

const denseLayout: WeightLayout = { name: "sentence-transformers Dense", table: { "linear.*": "linear.*" } };

/** A text encoder, pooling, and what comes after: one vector a text. */
export class SentenceEncoder extends Module {
  readonly encoder: BertEncoder;
  readonly pooling: readonly PoolingMode[];
  /** Whether the tokens of a prompt are pooled with those of the text. */
  readonly includePrompt: boolean;
  readonly dense: readonly Dense[];
  /** Whether vectors have length 1. */
  readonly normalizes: boolean;
  /** Most tokens of a text, special ones included. */
  readonly maxLength: number;
  /** What to put before a text by its use, as the repository declares: `{ query: "query: " }`. */
  readonly prompts: Readonly<Record<string, string>>;
  /** What `embed` puts before a text where nothing is said. */
  readonly defaultPrompt: string | undefined;
  /** How many of a vector's numbers `embed` gives; undefined: all. */
  readonly truncateDim: number | undefined;
  /** Keys of its files that aren't known here. */
  readonly notes: readonly string[];

  /** @param modules what stands on the encoder; default the mean of the tokens, of length 1 */
  constructor(encoder: BertEncoder, modules: Partial<Omit<SentenceModules, "transformer">> = {}) {
    super();
    this.encoder = encoder;
    this.pooling = modules.pooling ?? ["mean"];
    this.dense = (modules.dense ?? []).map((module) => new Dense(module));
    this.normalizes = modules.normalizes ?? true;
    this.includePrompt = modules.includePrompt ?? true;
    const most = modules.maxLength ?? encoder.tokenizer?.maxLength ?? Infinity;
    this.maxLength = Math.min(most, encoder.config.maxPositionEmbeddings);
    this.prompts = modules.prompts ?? {};
    this.defaultPrompt = modules.defaultPrompt;
    this.truncateDim = modules.truncateDim;
    this.notes = modules.notes ?? [];
  }

  /** The encoder's. */
  get tokenizer(): Tokenizer | undefined {
    return this.encoder.tokenizer;
  }

  /** text (B, N) → vectors (B, D). @param options.promptLength how many tokens a prompt has that each text begins with. Default 0 */
  forward(
    text: TextInput & Required<Pick<TextInput, "attentionMask">>,
    { promptLength = 0, ...options }: { readonly trace?: Trace; readonly promptLength?: number } = {},
  ): Tensor {
    const { attentionMask } = text;
    return blockScope(() => {
      const tokens = this.encoder.encode({ ...text, attentionMask: neverEmpty(attentionMask) }, options); // (B, N, D)
      const counted = this.includePrompt || promptLength === 0 ? attentionMask : withoutFirst(attentionMask, promptLength);
      let x = poolTokens(tokens, counted, this.pooling); //                 (B, D)
      for (const layer of this.dense) x = layer.forward(x);
      return this.normalizes ? unitLength(x) : x;
    });
  }

  /**
   * From the hub (`"sentence-transformers/all-MiniLM-L6-v2"`, `"BAAI/bge-small-en-v1.5"`), a folder, an address, or files in memory; in evaluation mode.
   * @throws CheckpointError when it can't be read, isn't made of BERT, or has a module that isn't known here
   */
  static async fromPretrained(where: SourceLocation, options: PretrainedOptions = {}): Promise<SentenceEncoder> {
    await init();
    const modules = await readModules(await openSource(where, options));
    const encoder = await BertEncoder.fromPretrained(modules.transformer, options);
    if (modules.lowerCases) encoder.tokenizer = encoder.tokenizer?.lowerCased();
    const model = new SentenceEncoder(encoder, modules);
    try {
      for (const [i, { source }] of modules.dense.entries()) {
        const layer = model.dense[i];
        if (layer) await loadModule(layer, await openCheckpoint(source, options), [denseLayout], options);
      }
    } catch (error) {
      model.dispose();
      throw error;
    }
    return model;
  }
}
