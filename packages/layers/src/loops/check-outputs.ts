import { TensorError } from "../errors.ts";

/** What a model gave, told to a user only if it is numbers. @throws TensorError where one is NaN */
export function checkOutputs(values: Float32Array): Float32Array {
  if (!values.some(Number.isNaN)) return values;
  throw new TensorError("the model's outputs are no numbers (NaN): its weights are damaged, or its config isn't theirs");
}
