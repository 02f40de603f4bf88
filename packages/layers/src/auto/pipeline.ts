import type { ItemErrors } from "../loops/item-errors.ts";

/** A task with its model: of one input, one output; of a list, a list. `dispose` or `using` frees the model. */
export interface Pipeline<Model extends Disposable, Input, Output, Options, Listed = Input> extends Disposable {
  (input: Input, options?: Options): Promise<Output>;
  (inputs: readonly Listed[], options: Options & ItemErrors): Promise<(Output | undefined)[]>;
  (inputs: readonly Listed[], options?: Options): Promise<Output[]>;
  readonly model: Model;
  dispose(): void;
}

/** @param run the task: what it is given goes on to it */
export function pipelineOf<Model extends Disposable, Input, Output, Options, Listed = Input>(
  model: Model,
  run: (model: Model, inputs: Input | readonly Listed[], options?: Options) => Promise<Output | Output[]>,
): Pipeline<Model, Input, Output, Options, Listed> {
  const free = (): void => model[Symbol.dispose]();
  const call = (inputs: Input | readonly Listed[], options?: Options): Promise<Output | Output[]> => run(model, inputs, options);
  return Object.assign(call as Pipeline<Model, Input, Output, Options, Listed>, { model, dispose: free, [Symbol.dispose]: free });
}
