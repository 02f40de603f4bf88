import type { EmbeddingArrays, EmbeddingPrecision, PrecisionOptions } from "../embeddings/quantize-embeddings.ts";
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

/** A `Pipeline` of embeddings, whose `precision` says what they are: `Float32Array`, `Int8Array`… */
export interface EmbeddingPipeline<Model extends Disposable, Input, Options> extends Disposable {
  <Precision extends EmbeddingPrecision = "float32">(
    input: Input,
    options?: Options & PrecisionOptions<Precision>,
  ): Promise<EmbeddingArrays[Precision]>;
  <Precision extends EmbeddingPrecision = "float32">(
    inputs: readonly Input[],
    options: Options & PrecisionOptions<Precision> & ItemErrors,
  ): Promise<(EmbeddingArrays[Precision] | undefined)[]>;
  <Precision extends EmbeddingPrecision = "float32">(
    inputs: readonly Input[],
    options?: Options & PrecisionOptions<Precision>,
  ): Promise<EmbeddingArrays[Precision][]>;
  readonly model: Model;
  dispose(): void;
}

type AnyEmbedding = EmbeddingArrays[EmbeddingPrecision];

/** @param run `embedText` or `embedImage` */
export const embeddingPipelineOf = <Model extends Disposable, Input, Options>(
  model: Model,
  run: (model: Model, inputs: Input | readonly Input[], options?: Options) => Promise<AnyEmbedding | AnyEmbedding[]>,
): EmbeddingPipeline<Model, Input, Options> => pipelineOf(model, run) as EmbeddingPipeline<Model, Input, Options>;
