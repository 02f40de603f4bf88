import { Embedding, fillNormal, Linear, mean, multiply, type Rng, sum, tensor, type Tensor } from "@x/layers";
import { checkInts } from "@x/layers/model";
import type { CLIPBagOfWordsConfig } from "../config.ts";
import { CLIPTextEncoder } from "./clip-text-encoder.ts";

/**
 * The other text encoder of the paper's pseudocode, a continuous bag of words: the mean of the tokens' embeddings, projected. Radford et al. 2021,
 * figure 3; Mikolov et al. 2013, §3.1. The order of the words makes no difference.
 */
export class BagOfWords extends CLIPTextEncoder {
  readonly config: CLIPBagOfWordsConfig;
  readonly tokenEmbed: Embedding;
  readonly proj: Linear;

  constructor(config: CLIPBagOfWordsConfig, projectionDim: number) {
    super();
    this.config = config;
    this.tokenEmbed = new Embedding(config.vocabSize, config.hiddenSize);
    this.proj = new Linear(config.hiddenSize, projectionDim, { bias: false });
  }

  override forward(inputIds: Tensor<"int32">, attentionMask?: Tensor<"int32">): Tensor {
    checkInts("BagOfWords", { inputIds }, { attentionMask });
    const words = this.tokenEmbed.forward(inputIds); //                      (B, N, D)
    return this.proj.forward(attentionMask ? maskedMean(words, attentionMask) : mean(words, 1));
  }

  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillNormal(this.proj.weight, rng, this.config.hiddenSize ** -0.5);
    return this;
  }
}

/** Means over the tokens: words (B, N, D), attentionMask (B, N) → (B, D). */
function maskedMean(words: Tensor, attentionMask: Tensor<"int32">): Tensor {
  const [batch = 0, length = 0] = attentionMask.shape;
  const data = attentionMask.toTypedArray();
  const counts = Array.from({ length: batch }, (_, i) => data.subarray(i * length, (i + 1) * length).reduce((a, b) => a + b, 0));
  const shares = Float32Array.from(data, (kept, i) => kept / Math.max(counts[Math.floor(i / length)] ?? 1, 1));
  return sum(multiply(words, tensor(shares, [batch, length, 1])), 1);
}
