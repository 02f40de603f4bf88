/** What ModernBERT is made of. Warner et al. 2024, §2.1. */
import {
  type Activation,
  activate,
  activationOf,
  add,
  type AttentionContext,
  Dropout,
  Embedding,
  explicitSelfAttention,
  fillOnes,
  layerNorm,
  LayerNorm,
  Linear,
  Module,
  multiply,
  Parameter,
  type Rng,
  selfAttention,
  slice,
  tensor,
  type Tensor,
  zeros,
} from "@x/layers";
import { blockScope, checkHeads } from "@x/layers/model";
import type { ModernBertConfig } from "./config.ts";
import { Rotary } from "./rotary.ts";

export interface Norm extends Module {
  forward(x: Tensor): Tensor;
}

/** Layer norm without a bias. */
class BiaslessNorm extends Module {
  readonly weight: Parameter;
  readonly #eps: number;

  constructor(hiddenSize: number, eps: number) {
    super();
    this.weight = new Parameter([hiddenSize]);
    this.#eps = eps;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, zeros(this.weight.shape), this.#eps);
  }

  override initialize(): this {
    fillOnes(this.weight);
    return this;
  }
}

export const normOf = ({ hiddenSize, layerNormEps, normBias }: ModernBertConfig): Norm =>
  normBias ? new LayerNorm(hiddenSize, layerNormEps) : new BiaslessNorm(hiddenSize, layerNormEps);

/** Words → norm → dropout: positions come with attention. */
export class ModernBertEmbeddings extends Module {
  readonly wordEmbeddings: Embedding;
  readonly norm: Norm;
  readonly dropout: Dropout;
  /** Most tokens of a text. */
  readonly maxLength: number;

  constructor(config: ModernBertConfig, rng: Rng) {
    super();
    this.wordEmbeddings = new Embedding(config.vocabSize, config.hiddenSize, { paddingId: config.padTokenId });
    this.norm = normOf(config);
    this.dropout = new Dropout(config.hiddenDropoutProb, rng);
    this.maxLength = config.maxPositionEmbeddings;
  }

  /** inputIds (B, N) → (B, N, D) */
  forward(inputIds: Tensor<"int32">): Tensor {
    return this.dropout.forward(this.norm.forward(this.wordEmbeddings.forward(inputIds)));
  }
}

/** Self-attention with rotary positions, to all tokens or to those at most `reach` away. */
class RotaryAttention extends Module {
  readonly qkv: Linear;
  readonly proj: Linear;
  readonly attentionDropout: Dropout;
  readonly dropout: Dropout;
  readonly #rotary: Rotary;
  readonly #numHeads: number;
  readonly #reach: number | undefined;

  constructor(config: ModernBertConfig, isLocal: boolean, rng: Rng) {
    super();
    const { hiddenSize, numAttentionHeads, attentionBias: bias, attentionProbsDropoutProb, localAttention } = config;
    checkHeads("ModernBERT", hiddenSize, numAttentionHeads);
    this.qkv = new Linear(hiddenSize, 3 * hiddenSize, { bias });
    this.proj = new Linear(hiddenSize, hiddenSize, { bias });
    this.attentionDropout = new Dropout(attentionProbsDropoutProb, rng);
    this.dropout = new Dropout(attentionProbsDropoutProb, rng);
    this.#rotary = new Rotary(hiddenSize, numAttentionHeads, isLocal ? config.localRopeTheta : config.globalRopeTheta);
    this.#numHeads = numAttentionHeads;
    this.#reach = isLocal ? Math.floor(localAttention / 2) : undefined;
  }

  /** x (B, N, D) → (B, N, D) */
  forward(x: Tensor, { mask, trace }: AttentionContext = {}): Tensor {
    const qkv = this.#rotary.forward(this.qkv.forward(x)); //               (B, N, 3D)
    const options = { numHeads: this.#numHeads, mask: this.#reach === undefined ? mask : nearby(this.#reach, x.shape[1] ?? 0, mask) };
    if (!trace?.wantsAttentions && !this.attentionDropout.isActiveOn(qkv))
      return this.dropout.forward(this.proj.forward(selfAttention(qkv, options)));
    const { output, probabilities } = explicitSelfAttention(qkv, options, this.attentionDropout);
    trace?.addAttention(probabilities);
    return this.dropout.forward(this.proj.forward(output));
  }
}

/** Less than any score, but a number: where nothing may be seen, as from padding far off, all is seen alike, as in Hugging Face's eager attention. */
const UNSEEN = -3.4028234663852886e38;

/** mask (B, 1, N) → the same (B or 1, N, N), without keys farther than `reach` from the query. */
function nearby(reach: number, length: number, mask: Tensor | undefined): Tensor {
  const [batch = 1] = mask?.shape ?? [];
  const keys = mask?.toTypedArray();
  const terms = new Float32Array(batch * length * length);
  for (let at = 0; at < terms.length; at++) {
    const [query, key] = [Math.floor(at / length) % length, at % length];
    const sample = Math.floor(at / (length * length));
    const isSeen = Math.abs(query - key) <= reach && (keys?.[sample * length + key] ?? 0) === 0;
    terms[at] = isSeen ? 0 : UNSEEN;
  }
  return tensor(terms, [batch, length, length]);
}

/** fc2(activation(first half of fc1(x)) · second half): GeGLU. Shazeer 2020. */
class GatedFeedForward extends Module {
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;
  readonly #activation: Activation;
  readonly #width: number;

  constructor({ hiddenSize, intermediateSize, mlpBias: bias, hiddenAct, mlpDropout }: ModernBertConfig, rng: Rng) {
    super();
    this.fc1 = new Linear(hiddenSize, 2 * intermediateSize, { bias });
    this.fc2 = new Linear(intermediateSize, hiddenSize, { bias });
    this.dropout = new Dropout(mlpDropout, rng);
    this.#activation = activationOf(hiddenAct);
    this.#width = intermediateSize;
  }

  /** x (…, D) → (…, D) */
  forward(x: Tensor): Tensor {
    const inner = this.fc1.forward(x); //                                   (…, 2 · intermediateSize)
    const axis = inner.shape.length - 1;
    const gated = multiply(activate(slice(inner, axis, 0, this.#width), this.#activation), slice(inner, axis, this.#width));
    return this.fc2.forward(this.dropout.forward(gated));
  }
}

/** x + attention(norm(x)), then x + mlp(norm(x)). The first one's attention has no norm: the embeddings have. */
export class ModernBertBlock extends Module {
  readonly norm1: Norm | undefined;
  readonly mixer: RotaryAttention;
  readonly norm2: Norm;
  readonly mlp: GatedFeedForward;

  constructor(config: ModernBertConfig, index: number, isLocal: boolean, rng: Rng) {
    super();
    this.norm1 = index === 0 ? undefined : normOf(config);
    this.mixer = new RotaryAttention(config, isLocal, rng);
    this.norm2 = normOf(config);
    this.mlp = new GatedFeedForward(config, rng);
  }

  /** x (B, N, D) → (B, N, D) */
  forward(x: Tensor, context: AttentionContext): Tensor {
    return blockScope(() => {
      const mixed = add(x, this.mixer.forward(this.norm1?.forward(x) ?? x, context));
      return add(mixed, this.mlp.forward(this.norm2.forward(mixed)));
    });
  }
}

/** Linear → activation → norm: what all heads begin with. */
export class PredictionHead extends Module {
  readonly dense: Linear;
  readonly norm: Norm;
  readonly activation: Activation;

  constructor(config: ModernBertConfig) {
    super();
    this.dense = new Linear(config.hiddenSize, config.hiddenSize, { bias: config.classifierBias });
    this.norm = normOf(config);
    this.activation = activationOf(config.classifierActivation);
  }

  /** (…, D) → (…, D) */
  forward(x: Tensor): Tensor {
    return this.norm.forward(this.dense.forward(x, { activation: this.activation }));
  }
}
