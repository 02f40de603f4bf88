import { TensorError } from "../errors.ts";
import { zeros } from "../tensor/create.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { keep } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Parameters that share settings. */
export interface ParameterGroup {
  readonly parameters: readonly Parameter[];
  /** Default: the optimizer's. */
  readonly weightDecay?: number;
  /** Multiplies the optimizer's learning rate: for layer-wise decay, say. Default 1. */
  readonly learningRateScale?: number;
}

/** What optimizers have in common: groups of parameters, one learning rate, and for each parameter some tensors of its own shape. */
export abstract class Optimizer implements Disposable {
  /** May be set before any step, by a schedule for instance. */
  learningRate: number;
  readonly groups: readonly Required<ParameterGroup>[];
  readonly #moments = new Map<Parameter, readonly Tensor[]>();
  readonly #numMoments: number;
  #steps = 0;

  /** @throws TensorError when there is nothing to train or a parameter comes twice */
  constructor(parameters: readonly Parameter[] | readonly ParameterGroup[], learningRate: number, weightDecay: number, numMoments: number) {
    const groups = parameters.map((item): ParameterGroup => ("parameters" in item ? item : { parameters: [item] }));
    this.groups = groups.map((group) => ({ weightDecay, learningRateScale: 1, ...group }));
    this.learningRate = learningRate;
    this.#numMoments = numMoments;
    const all = this.groups.flatMap((group) => group.parameters);
    if (all.length === 0) throw new TensorError("an optimizer needs at least one parameter");
    if (new Set(all).size !== all.length) throw new TensorError("an optimizer's parameters must not come twice");
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Moves every parameter that has a gradient. Parameters without one (frozen, unused) stay as they are. */
  step(): void {
    this.#steps++;
    for (const group of this.groups) {
      for (const parameter of group.parameters) {
        if (!parameter.grad) continue;
        parameter.touch();
        this.update(parameter, parameter.grad, this.#momentsOf(parameter), this.learningRate * group.learningRateScale, group.weightDecay);
      }
    }
  }

  /** Forgets the gradients. */
  zeroGrad(): void {
    for (const { parameters } of this.groups) for (const parameter of parameters) parameter.zeroGrad();
  }

  /** Steps and moments, in the order of the parameters: enough to go on later. Copies. */
  state(): OptimizerState {
    const parameters = this.groups.flatMap((group) => group.parameters);
    return { steps: this.#steps, moments: parameters.map((parameter) => this.#moments.get(parameter)?.map((moment) => moment.toTypedArray()) ?? []) };
  }

  /** @throws TensorError when the state is of other parameters; nothing is changed then */
  loadState(state: OptimizerState): void {
    const parameters = this.groups.flatMap((group) => group.parameters);
    const fits = (parameter: Parameter, moments: readonly Float32Array[] | undefined) =>
      moments && (moments.length === 0 || moments.length === this.#numMoments) && moments.every(({ length }) => length === parameter.size);
    if (state.moments.length !== parameters.length || !parameters.every((parameter, i) => fits(parameter, state.moments[i]))) {
      throw new TensorError(`loadState: the state is of ${state.moments.length} parameters that don't match this optimizer's ${parameters.length}`);
    }
    this.#steps = state.steps;
    for (const [i, parameter] of parameters.entries()) {
      const saved = state.moments[i] ?? [];
      if (saved.length > 0) for (const [m, moment] of this.#momentsOf(parameter).entries()) moment.data.set(saved[m] as Float32Array);
    }
  }

  /** Frees the moments. */
  dispose(): void {
    for (const moments of this.#moments.values()) for (const moment of moments) moment.dispose();
    this.#moments.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  protected abstract update(parameter: Parameter, gradient: Tensor, moments: readonly Tensor[], learningRate: number, weightDecay: number): void;

  #momentsOf(parameter: Parameter): readonly Tensor[] {
    const known = this.#moments.get(parameter);
    if (known) return known;
    const moments = Array.from({ length: this.#numMoments }, () => keep(zeros(parameter.shape)));
    this.#moments.set(parameter, moments);
    return moments;
  }
}

/** What `optimizer.state()` gives and `loadState` takes. */
export interface OptimizerState {
  readonly steps: number;
  /** For each parameter its moments, flat; none if it has never had a gradient. */
  readonly moments: readonly (readonly Float32Array[])[];
}
