import { isOfAnotherCopy, markAsOurs } from "../copies.ts";
import { ArgumentError, formatShape, shown, TensorError } from "../errors.ts";
import { isInt8 } from "../ops/matmul/packed-weight.ts";
import { Rng } from "../random.ts";
import { itemsOf } from "../tensor/items.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Parameter } from "../tensor/parameter.ts";

/**
 * A part of a model. It finds what it holds by its public properties: a `#private` field can't be seen, so that what it holds is neither trained,
 * saved, switched to training nor freed.
 *
 * The properties are parameters, buffers (plain tensors that are saved but not trained), other modules, or arrays of these, at any depth. A parameter's
 * path is the way to it: `blocks.0.attn.qkv.weight`. There is nothing to register. Whatever walks over a module throws a TensorError when a Map, a
 * Set or a plain object among its properties holds such parts, one is of another copy of this package, or the module holds itself.
 */
export abstract class Module implements Disposable {
  /** Whether dropout, DropPath and batch statistics are active. Models start in evaluation mode; `train()` switches. */
  training = false;

  static {
    markAsOurs(this.prototype);
  }

  /** Modules held directly, with their property names; an array's are `name.0`, `name.1`… */
  *namedChildren(): Generator<[name: string, child: Module]> {
    for (const [name, part] of this.#parts()) if (part instanceof Module) yield [name, part];
  }

  /** This module, whose path is empty, and every module below, with its path. One that is held twice comes twice. */
  *namedModules(): Generator<[path: string, module: Module]> {
    yield* this.#modules("", []);
  }

  /** Every parameter below, with its path. A parameter that is used twice (tied) comes once, under its first path. */
  namedParameters(): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    const seen = new Set<Parameter>();
    for (const [path, value] of this.#namedTensors()) {
      if (value instanceof Parameter && !seen.has(value)) found.set(path, value);
      if (value instanceof Parameter) seen.add(value);
    }
    return found;
  }

  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /** Those that this module uses for more than they are where they are held, such as word embeddings that are the output layer, too: tied weights. Default none. */
  get tiedParameters(): readonly Parameter[] {
    return [];
  }

  /** Number of trainable and frozen numbers in the parameters. */
  get numParameters(): number {
    return this.parameters().reduce((sum, parameter) => sum + parameter.size, 0);
  }

  /** What this module, those below and their adapters draw from, each once: with their states, a training can go on where it ended. */
  rngs(): Rng[] {
    const held = [...this.namedModules()].flatMap(([, module]) => Object.values(module).flatMap((value) => [value, ...attached(value)]));
    return [...new Set(held.filter((value) => value instanceof Rng))];
  }

  /** Parameters and buffers by path: the tensors themselves, not copies. */
  stateDict(): Map<string, Tensor> {
    const state = new Map<string, Tensor>(this.namedParameters());
    for (const [path, value] of this.#namedTensors()) if (!(value instanceof Parameter)) state.set(path, value);
    return state;
  }

  /**
   * Copies values into the parameters and buffers.
   * @throws TensorError listing every missing, unexpected and mis-shaped entry; nothing is changed then
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    const own = this.stateDict();
    const problems = [
      ...[...own.keys()].filter((path) => !state.has(path)).map((path) => `missing: ${path}`),
      ...[...state.keys()].filter((path) => !own.has(path)).map((path) => `unexpected: ${path}`),
      ...[...own].flatMap(([path, { shape }]) => {
        const given = state.get(path)?.shape;
        return given && given.join() !== shape.join() ? [`shape: ${path} is ${formatShape(shape)}, but ${formatShape(given)} came`] : [];
      }),
    ];
    if (problems.length > 0) {
      const more = problems.length > 20 ? `\n…and ${problems.length - 20} more` : "";
      throw new TensorError(`loadStateDict: ${problems.length} entries don't fit\n${problems.slice(0, 20).join("\n")}${more}`);
    }
    for (const [path, target] of own) {
      const source = state.get(path);
      if (source && source !== target) target.data.set(source.data);
    }
  }

  /**
   * Training mode, here and below: dropout and DropPath draw, batch norm uses the batch's statistics.
   * @throws TensorError when a parameter is kept as int8
   */
  train(): this {
    for (const [path, parameter] of this.namedParameters()) {
      if (isInt8(parameter))
        throw new TensorError(`train: ${path} is kept as int8, which is for inference only; load the model as float32 to train it`);
    }
    return this.#setTraining(true);
  }

  /** Evaluation mode, here and below. */
  eval(): this {
    return this.#setTraining(false);
  }

  /** Excludes every parameter below from training (or includes it again with `true`). */
  setRequiresGrad(requiresGrad: boolean): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = requiresGrad;
    return this;
  }

  /** Fills every parameter below with fresh values, as the layer's docstring says. Models override it with their paper's recipe. */
  initialize(rng: Rng): this {
    void [...this.namedModules()]; // says so if there is a circle, in which the next line would run forever
    for (const [, child] of this.namedChildren()) child.initialize(rng);
    return this;
  }

  /** Forgets the gradients of every parameter below. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** Frees every parameter and buffer below. */
  dispose(): void {
    for (const [, value] of this.#namedTensors()) value.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  *#namedTensors(): Generator<[path: string, tensor: Tensor]> {
    for (const [path, module] of this.namedModules()) {
      for (const [name, part] of module.#parts()) if (part instanceof Tensor) yield [path === "" ? name : `${path}.${name}`, part];
    }
  }

  *#modules(path: string, around: readonly Module[]): Generator<[path: string, module: Module]> {
    if (around.includes(this)) throw new TensorError(`${this.constructor.name}: a module must not hold itself, but ${path} is it again`);
    yield [path, this];
    for (const [name, child] of this.namedChildren()) yield* child.#modules(path === "" ? name : `${path}.${name}`, [...around, this]);
  }

  *#parts(): Generator<[name: string, part: Tensor | Module]> {
    for (const [name, value] of Object.entries(this)) yield* partsIn(value, name, this.constructor.name);
  }

  #setTraining(training: boolean): this {
    for (const [, module] of this.namedModules()) module.training = training;
    return this;
  }
}

function* partsIn(value: unknown, name: string, owner: string): Generator<[name: string, part: Tensor | Module]> {
  if (isPart(value)) yield [name, value];
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* partsIn(item, `${name}.${index}`, owner);
  else if (typeof value === "object" && value !== null && isOfAnotherCopy(value))
    throw new ArgumentError(`${owner}.${name}`, "modules and tensors are of one copy of @x/layers", `it is ${shown(value)}`);
  else if (hidesParts(value, new Set()))
    throw new ArgumentError(`${owner}.${name}`, "modules and tensors are held by properties and arrays", `${shown(value)} holds some`);
}

/** Whether parts are in a Map, a Set or a plain object, where they have no path. */
function hidesParts(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  return (itemsOf(value) ?? []).some((item) => isPart(item) || hidesParts(item, seen));
}

const isPart = (value: unknown): value is Tensor | Module => value instanceof Tensor || value instanceof Module;

/** What a layer's adapters draw from. */
const attached = (value: unknown): unknown[] =>
  value instanceof Set ? [...value].map((adapter) => Reflect.get(Object(adapter), "rng")) : [];
