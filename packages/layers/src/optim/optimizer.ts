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
  readonly #states = new Map<Parameter, { steps: number; readonly moments: readonly Tensor[] }>();
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
        const state = this.#stateOf(parameter);
        state.steps++;
        parameter.touch();
        const learningRate = this.learningRate * group.learningRateScale;
        this.update(parameter, parameter.grad, { moments: state.moments, step: state.steps, learningRate, weightDecay: group.weightDecay });
      }
    }
  }

  /** Forgets the gradients. */
  zeroGrad(): void {
    for (const { parameters } of this.groups) for (const parameter of parameters) parameter.zeroGrad();
  }

  /** Steps and moments, in the order of the parameters: enough to go on later. Copies. */
  state(): OptimizerState {
    const parameters = this.groups
      .flatMap((group) => group.parameters)
      .map((parameter) => {
        const state = this.#states.get(parameter);
        return { steps: state?.steps ?? 0, moments: state?.moments.map((moment) => moment.toTypedArray()) ?? [] };
      });
    return { steps: this.#steps, parameters };
  }

  /** @throws TensorError when the state is of other parameters; nothing is changed then */
  loadState(state: OptimizerState): void {
    const parameters = this.groups.flatMap((group) => group.parameters);
    const fits = (parameter: Parameter, saved: ParameterState | undefined) =>
      saved && [0, this.#numMoments].includes(saved.moments.length) && saved.moments.every(({ length }) => length === parameter.size);
    if (state.parameters.length !== parameters.length || !parameters.every((parameter, i) => fits(parameter, state.parameters[i]))) {
      throw new TensorError(
        `loadState: the state is of ${state.parameters.length} parameters that don't match this optimizer's ${parameters.length}`,
      );
    }
    this.dispose();
    this.#steps = state.steps;
    for (const [i, parameter] of parameters.entries()) {
      const saved = state.parameters[i];
      if (!saved || saved.steps === 0) continue;
      const own = this.#stateOf(parameter);
      own.steps = saved.steps;
      for (const [m, values] of saved.moments.entries()) own.moments[m]?.data.set(values);
    }
  }

  /** Frees the moments. */
  dispose(): void {
    for (const { moments } of this.#states.values()) for (const moment of moments) moment.dispose();
    this.#states.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  protected abstract update(parameter: Parameter, gradient: Tensor, how: Update): void;

  #stateOf(parameter: Parameter): { steps: number; readonly moments: readonly Tensor[] } {
    const known = this.#states.get(parameter);
    if (known) return known;
    const made = { steps: 0, moments: Array.from({ length: this.#numMoments }, () => keep(zeros(parameter.shape))) };
    this.#states.set(parameter, made);
    return made;
  }
}

/** How one parameter is to be moved. */
export interface Update {
  /** Tensors of the parameter's shape that carry over from step to step. */
  readonly moments: readonly Tensor[];
  /** How often this parameter has been moved, this time included. */
  readonly step: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** What `optimizer.state()` gives and `loadState` takes. */
export interface OptimizerState {
  readonly steps: number;
  readonly parameters: readonly ParameterState[];
}

export interface ParameterState {
  /** How often it was moved: less than the optimizer's steps where it had no gradient. */
  readonly steps: number;
  /** Flat; none if it was never moved. */
  readonly moments: readonly Float32Array[];
}
