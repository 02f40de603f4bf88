import {
  batchNorm,
  batchNormTraining,
  fillOnes,
  fillTruncatedNormal,
  fillZeros,
  keep,
  Linear,
  Module,
  ones,
  type Rng,
  type Tensor,
  zeros,
} from "@x/layers";
import { batchNormRules, checkOptions, followStatistics } from "@x/layers/model";

/**
 * A linear classifier on a frozen encoder's features, which a batch normalisation without parameters scales first. He et al. 2022, appendix A.1,
 * "Linear probing", and table 10.
 *
 * ```ts
 * const encoder = await ViT.fromPretrained("facebook/vit-mae-base", { config: { pooling: "cls" } });
 * const probe = new LinearProbe(encoder.config.hiddenSize, 10).initialize(rng).train();
 * const logits = probe.forward(noGrad(() => encoder.forward(images)));
 * ```
 */
export class LinearProbe extends Module {
  readonly head: Linear;
  /** What evaluation normalises with: (D) each, saved but not trained. */
  readonly runningMean: Tensor;
  readonly runningVariance: Tensor;
  readonly #momentum: number;
  readonly #eps: number;

  /**
   * The parameters are not filled: call `initialize`.
   * @param options.momentum share of a batch's statistics in the running ones; default 0.1
   * @param options.eps added to the variance; default 1e-6
   */
  constructor(
    hiddenSize: number,
    numLabels: number,
    options: { readonly momentum?: number | undefined; readonly eps?: number | undefined } = {},
  ) {
    super();
    checkOptions("LinearProbe", options, batchNormRules);
    const { momentum = 0.1, eps = 1e-6 } = options;
    this.head = new Linear(hiddenSize, numLabels);
    this.runningMean = keep(zeros([hiddenSize]));
    this.runningVariance = keep(zeros([hiddenSize]));
    this.#momentum = momentum;
    this.#eps = eps;
  }

  /** features (B, D) → logits (B, numLabels). In training B must be at least 2. */
  forward(features: Tensor): Tensor {
    return this.head.forward(this.#normalized(features));
  }

  /** (B, D) → (B, D) of mean 0 and variance 1 */
  #normalized(features: Tensor): Tensor {
    const [unscaled, unmoved] = [ones(this.runningMean.shape), zeros(this.runningMean.shape)]; // (D) both
    const running = { mean: this.runningMean, variance: this.runningVariance };
    if (!this.training) return batchNorm(features, unscaled, unmoved, running, this.#eps);
    const { y, ...batch } = batchNormTraining(features, unscaled, unmoved, this.#eps);
    followStatistics(running, batch, features.shape[0] ?? 1, this.#momentum);
    return y;
  }

  /** N(0, 0.01²) weights, zero bias; mean 0 and variance 1. */
  override initialize(rng: Rng): this {
    fillTruncatedNormal(this.head.weight, rng, 0.01);
    if (this.head.bias) fillZeros(this.head.bias);
    fillZeros(this.runningMean);
    fillOnes(this.runningVariance);
    return this;
  }
}
