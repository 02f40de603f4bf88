import { drawNormal, keep, Parameter, Rng, type Tensor, zeros } from "@x/layers";

/** Numbers from N(0, 1), kept until disposed of. */
export function normal(shape: readonly number[], seed: number): Tensor {
  const made = keep(zeros(shape));
  drawNormal(made, new Rng(seed));
  return made;
}

/** A weight with numbers from N(0, 1 / fanIn). */
export function weight(shape: readonly number[], seed: number): Parameter {
  const made = new Parameter(shape);
  drawNormal(made, new Rng(seed), 0, 1 / Math.sqrt(shape.at(-1) ?? 1));
  return made;
}

/** Runs without recording, hands a view of the result out, and frees what it made. */
export { noGrad } from "@x/layers";
