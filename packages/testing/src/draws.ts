/** What tests draw: tensors of random numbers, and properties over random shapes. */
import fc from "fast-check";
import { drawNormal, Rng, scope, type Tensor, zeros } from "@x/layers";

/** Numbers from N(0, 1) that a seed fixes. */
export function normal(shape: readonly number[], from: number): Tensor {
  const drawn = zeros(shape);
  drawNormal(drawn, new Rng(from));
  return drawn;
}

/** Checks a law for many values, each time in a scope of its own. The values are the same in every run. */
export function forAll<T>(values: fc.Arbitrary<T>, law: (value: T) => void, numRuns = 60): void {
  const property = fc.property(values, (value) => scope(() => law(value)));
  fc.assert(property, { numRuns, seed: 1 });
}

export const seed: fc.Arbitrary<number> = fc.integer({ min: 0, max: 2 ** 31 });
export const length: fc.Arbitrary<number> = fc.integer({ min: 1, max: 9 });
/** As many lengths as asked for. */
export const shape = (minimum: number, maximum: number): fc.Arbitrary<number[]> =>
  fc.array(length, { minLength: minimum, maxLength: maximum });
