import type { TensorSource } from "../formats/safetensors-writer.ts";
import { TensorError } from "../errors.ts";
import { Parameter } from "../tensor/parameter.ts";

/** Parameters of models that hold an adapter's values now. */
const adapters = new WeakSet<Parameter>();

/** Whether the values that stand in a model's parameter are an adapter's, which can take them out again. */
export const isAdapters = (parameter: Parameter): boolean => adapters.has(parameter);

/**
 * Parameters of the model that an adapter trains whole, such as those of a new head. While the adapter is at work its values stand in the model's own parameters,
 * and the base model's wait here; otherwise it is the other way round.
 */
export class SavedModules {
  readonly #entries: readonly { readonly path: string; readonly parameter: Parameter; readonly waiting: Parameter }[];
  #inModel = false;

  /** The adapter's values are not filled. */
  constructor(parameters: ReadonlyMap<string, Parameter>) {
    this.#entries = [...parameters].map(([path, parameter]) => ({ path, parameter, waiting: new Parameter(parameter.shape) }));
  }

  /** The model's, by path. */
  get parameters(): ReadonlyMap<string, Parameter> {
    return new Map(this.#entries.map(({ path, parameter }) => [path, parameter]));
  }

  /** The adapter's values by path, to read or to write. */
  get values(): ReadonlyMap<string, TensorSource> {
    return new Map(
      this.#entries.map(({ path, parameter, waiting }) => {
        return [path, { shape: parameter.shape, view: () => (this.#inModel ? parameter : waiting).data }];
      }),
    );
  }

  /** Begins with the base model's values, before it is in the model. */
  copyFromBase(): void {
    for (const { parameter, waiting } of this.#entries) {
      const values = parameter.toTypedArray(); // first, since it may move the memory
      waiting.data.set(values);
    }
  }

  /** Puts the adapter's values into the model and trains them, or the base model's, frozen. @throws TensorError when another adapter's are there */
  exchange(): void {
    const taken = this.#inModel ? undefined : this.#entries.find(({ parameter }) => isAdapters(parameter));
    if (taken) throw new TensorError(`LoRA: ${taken.path} is another adapter's now; disable or detach that first`);
    this.#inModel = !this.#inModel;
    for (const { parameter, waiting } of this.#entries) {
      if (parameter.disposed) continue;
      parameter.exchange(waiting);
      if (this.#inModel) adapters.add(parameter);
      else adapters.delete(parameter);
      parameter.requiresGrad = this.#inModel;
    }
  }

  /** Frees what isn't in the model. */
  dispose(): void {
    for (const { parameter, waiting } of this.#entries) {
      waiting.dispose();
      if (this.#inModel) adapters.delete(parameter);
    }
  }
}
