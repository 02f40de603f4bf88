import { ArgumentError, shown, TensorError } from "../errors.ts";
import { checkArguments, checkOptions, fromZero, many, needed, type ValueRule, type RulesOf } from "../options.ts";
import { zeros } from "../tensor/create.ts";
import { Parameter } from "../tensor/parameter.ts";
import { allOrNothing, keep } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { gradientNorm } from "./gradient-norm.ts";

/** Parameters that share settings. */
export interface ParameterGroup {
  readonly parameters: readonly Parameter[];
  /** Default: the optimizer's. */
  readonly weightDecay?: number | undefined;
  /** Multiplies the optimizer's learning rate: for layer-wise decay, say. Default 1. */
  readonly learningRateScale?: number | undefined;
}

const aParameter: ValueRule = { rule: "a Parameter, of one copy of @x/layers", holds: (value) => value instanceof Parameter };

const groupRules: RulesOf<ParameterGroup> = { parameters: needed(many(aParameter)), weightDecay: fromZero, learningRateScale: fromZero };

/** What optimizers have in common: groups of parameters, one learning rate, and for each parameter some tensors of its own shape. */
export abstract class Optimizer implements Disposable {
  readonly groups: readonly Required<ParameterGroup>[];
  readonly #states = new Map<Parameter, { steps: number; readonly moments: readonly Tensor[] }>();
  readonly #numMoments: number;
  #steps = 0;
  #learningRate = 0;
  #disposed = false;

  /** @throws TensorError when there is nothing to train, a parameter comes twice, or a number can't be */
  constructor(parameters: readonly Parameter[] | readonly ParameterGroup[], learningRate: number, weightDecay: number, numMoments: number) {
    if (!Array.isArray(parameters))
      throw new ArgumentError(this.constructor.name, "parameters are a list, as model.parameters() is", `${shown(parameters)} came`);
    this.groups = parameters.map((item: Parameter | ParameterGroup): Required<ParameterGroup> => {
      if (item instanceof Parameter) return { parameters: [item], weightDecay, learningRateScale: 1 };
      checkOptions("parameter group", item, groupRules);
      return { parameters: item.parameters, weightDecay: item.weightDecay ?? weightDecay, learningRateScale: item.learningRateScale ?? 1 };
    });
    this.learningRate = learningRate;
    this.#numMoments = numMoments;
    const all = this.groups.flatMap((group) => group.parameters);
    if (all.length === 0) throw new TensorError("an optimizer needs at least one parameter");
    if (new Set(all).size !== all.length) throw new TensorError("an optimizer's parameters must not come twice");
  }

  /** May be set before any step, by a schedule for instance. @throws ArgumentError when it isn't a number from 0 on */
  get learningRate(): number {
    return this.#learningRate;
  }

  set learningRate(learningRate: number) {
    checkArguments(this.constructor.name, fromZero, { learningRate });
    this.#learningRate = learningRate;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Moves every parameter that has a gradient. Parameters without one (frozen, unused) stay as they are.
   * @param names what an error calls the parameters
   * @throws TensorError naming the first parameter whose gradient isn't finite; none is moved then. And when the optimizer was disposed
   */
  step(names?: ReadonlyMap<Parameter, string>): void {
    this.#checkOpen("step");
    gradientNorm(
      "step",
      this.groups.flatMap(({ parameters }) => parameters),
      names,
    );
    for (const { parameters } of this.groups) for (const parameter of parameters) if (parameter.grad) this.#stateOf(parameter); // before any is moved
    this.#steps++;
    for (const group of this.groups) {
      for (const parameter of group.parameters) {
        if (!parameter.grad) continue;
        const state = this.#stateOf(parameter);
        state.steps++;
        const learningRate = this.learningRate * group.learningRateScale;
        this.update(parameter, parameter.grad, { moments: state.moments, step: state.steps, learningRate, weightDecay: group.weightDecay });
      }
    }
  }

  /** Forgets the gradients. */
  zeroGrad(): void {
    for (const { parameters } of this.groups) for (const parameter of parameters) parameter.zeroGrad();
  }

  /** Steps and moments, in the order of the parameters: enough to go on later. Copies. @throws TensorError when the optimizer was disposed */
  state(): OptimizerState {
    this.#checkOpen("state");
    const parameters = this.groups
      .flatMap((group) => group.parameters)
      .map((parameter) => {
        const state = this.#states.get(parameter);
        return { steps: state?.steps ?? 0, moments: state?.moments.map((moment) => moment.toTypedArray()) ?? [] };
      });
    return { steps: this.#steps, parameters };
  }

  /** @throws TensorError when the state is of other parameters, nothing is changed then, or the optimizer was disposed */
  loadState(state: OptimizerState): void {
    this.#checkOpen("loadState");
    const parameters = this.groups.flatMap((group) => group.parameters);
    const fits = (parameter: Parameter, saved: ParameterState | undefined) =>
      saved && [0, this.#numMoments].includes(saved.moments.length) && saved.moments.every(({ length }) => length === parameter.size);
    if (state.parameters.length !== parameters.length || !parameters.every((parameter, i) => fits(parameter, state.parameters[i]))) {
      throw new TensorError(
        `loadState: the state is of ${state.parameters.length} parameters that don't match this optimizer's ${parameters.length}`,
      );
    }
    this.#forget();
    this.#steps = state.steps;
    for (const [i, parameter] of parameters.entries()) {
      const saved = state.parameters[i];
      if (!saved || saved.steps === 0) continue;
      const own = this.#stateOf(parameter);
      own.steps = saved.steps;
      for (const [m, values] of saved.moments.entries()) own.moments[m]?.data.set(values);
    }
  }

  /** Frees the moments; it takes no steps any more. */
  dispose(): void {
    this.#forget();
    this.#disposed = true;
  }

  #forget(): void {
    for (const { moments } of this.#states.values()) for (const moment of moments) moment.dispose();
    this.#states.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What it knew of the parameters is gone, and a step without it would be another. */
  #checkOpen(op: string): void {
    if (this.#disposed)
      throw new TensorError(`${op}: the ${this.constructor.name} was disposed: make a new one, and \`loadState\` what its state was`);
  }

  protected abstract update(parameter: Parameter, gradient: Tensor, how: Update): void;

  #stateOf(parameter: Parameter): { steps: number; readonly moments: readonly Tensor[] } {
    const known = this.#states.get(parameter);
    if (known) return known;
    const moments = allOrNothing(() => Array.from({ length: this.#numMoments }, () => keep(zeros(parameter.shape))));
    const made = { steps: 0, moments };
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
