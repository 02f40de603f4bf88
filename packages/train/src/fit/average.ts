import { add, keep, noGrad, type Parameter, scaleAndShift, type Tensor } from "@x/layers";

/** A running mean of weights: average ← decay · average + (1 − decay) · weight after every step. Polyak & Juditsky 1992; its exponential form as in timm. */
export class WeightAverage implements Disposable {
  readonly #decay: number;
  readonly #averages: Map<Parameter, Tensor>;

  /** Begins as the weights are. */
  constructor(parameters: Iterable<Parameter>, decay: number) {
    this.#decay = decay;
    this.#averages = new Map([...parameters].map((parameter) => [parameter, copyOf(parameter)]));
  }

  update(): void {
    for (const [parameter, average] of this.#averages) {
      const next = noGrad(() => add(scaleAndShift(average, this.#decay, 0), scaleAndShift(parameter, 1 - this.#decay, 0)));
      average.dispose();
      this.#averages.set(parameter, keep(next));
    }
  }

  /** Of one parameter. */
  of(parameter: Parameter): Tensor | undefined {
    return this.#averages.get(parameter);
  }

  /** Weights and averages change places. */
  exchange(): void {
    for (const [parameter, average] of this.#averages) {
      const weights = parameter.toTypedArray();
      parameter.data.set(average.toTypedArray());
      average.data.set(weights);
    }
  }

  [Symbol.dispose](): void {
    for (const average of this.#averages.values()) average.dispose();
  }
}

const copyOf = (parameter: Parameter): Tensor => keep(noGrad(() => scaleAndShift(parameter, 1, 0)));
