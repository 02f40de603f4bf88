import {
  divide,
  fillOnes,
  fillTruncatedNormal,
  fillZeros,
  keep,
  Linear,
  mean,
  Module,
  type Rng,
  scaleAndShift,
  sqrt,
  square,
  subtract,
  type Tensor,
  zeros,
} from "@x/layers";

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
    { momentum = 0.1, eps = 1e-6 }: { readonly momentum?: number; readonly eps?: number } = {},
  ) {
    super();
    this.head = new Linear(hiddenSize, numLabels);
    this.runningMean = keep(zeros([hiddenSize]));
    this.runningVariance = keep(zeros([hiddenSize]));
    this.#momentum = momentum;
    this.#eps = eps;
  }

  /** features (B, D) → logits (B, numLabels). In training B must be at least 2. */
  forward(features: Tensor): Tensor {
    const centre = this.training ? mean(features, 0) : this.runningMean; //              (D)
    const centred = subtract(features, centre);
    const variance = this.training ? mean(square(centred), 0) : this.runningVariance; // (D)
    if (this.training) this.#follow(centre, variance, features.shape[0] ?? 1);
    const normalized = divide(centred, sqrt(scaleAndShift(variance, 1, this.#eps)));
    return this.head.forward(normalized);
  }

  /** Running statistics, with the unbiased variance, as PyTorch has them. */
  #follow(centre: Tensor, variance: Tensor, batch: number): void {
    const towards = (running: Tensor, found: Tensor, scale: number) => {
      const [old, current] = [running.data, found.data];
      for (const [i, value] of current.entries()) old[i] = (1 - this.#momentum) * (old[i] ?? 0) + this.#momentum * scale * value;
    };
    towards(this.runningMean, centre, 1);
    towards(this.runningVariance, variance, batch / (batch - 1));
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
