import { type Block, int8PanelsBytes, type Operand, packedPanelsLength } from "@x/core-wasm";
import { formatShape, TensorError } from "../../errors.ts";
import { engine, kernels } from "../../tensor/engine.ts";
import type { Parameter } from "../../tensor/parameter.ts";

/**
 * The forms of a weight that products read, made once and kept with the weight's memory until its elements change. Once there are panels, the rows
 * themselves are given back, so that nothing is held twice; whoever asks for them has them made again, and then both stay.
 */

/** A weight (out, in…) as a matrix (n, k). */
const matrixOf = ({ shape: [n = 1], size }: Parameter): { readonly n: number; readonly k: number } => ({ n, k: size / Math.max(n, 1) });

/** Weights whose rows were asked for again: a tied embedding, a model that is looked at or trained. */
const rowsAreWanted = new WeakSet<Block>();

/** The weight's transpose in column panels, as `matmul` reads it: `[out / 8][in][8]`. */
export function panelsOf(weight: Parameter): Operand<"float32"> {
  const { block } = weight;
  const { n, k } = matrixOf(weight);
  const panels = block.derived("panels", () => {
    const packed = engine().allocate(4 * packedPanelsLength(k, n));
    kernels().packPanels({ b: weight, panels: packed.as("float32"), k, n, kStride: 1, nStride: k });
    if (block.exclusive && !rowsAreWanted.has(block)) {
      block.evict((into) => {
        if (into === block) rowsAreWanted.add(block);
        kernels().unpackPanels({ panels: packed.as("float32"), b: into.as("float32"), k, n, kStride: 1, nStride: k });
      });
    }
    return packed;
  });
  return panels.as("float32");
}

/** Frees the panels of a weight whose rows are there. */
export const forgetPanels = ({ block }: Parameter): void => block.forget("panels");

const int8Panels = new WeakMap<Block, Operand<"uint8">>();

/** The whole numbers that `toInt8` left, if it did. */
export const int8PanelsOf = (weight: Parameter): Operand<"uint8"> | undefined => int8Panels.get(weight.block);

/** Whether a parameter is kept as int8. */
export const isInt8 = (parameter: Parameter): boolean => !parameter.disposed && int8Panels.has(parameter.block);

/**
 * Replaces the elements of a weight (out, in…) by whole numbers of seven bits, with a step for each of its rows: a quarter of the memory, for
 * inference alone. Each element moves by at most 1/254 of the range of its row and 0. From then on it can be multiplied with, by `linear` without
 * gradients; whatever needs the float32 elements (reading, writing, training, saving) throws a TensorError. Harmless when repeated.
 */
export function toInt8(weight: Parameter): void {
  if (isInt8(weight)) return;
  const { block } = weight;
  const { n, k } = matrixOf(weight);
  const packed = engine().allocate(int8PanelsBytes(k, n));
  kernels().int8Panels({ weight, panels: packed.as("uint8"), k, n });
  block.forget("panels");
  block.derived("int8", () => packed);
  int8Panels.set(block, packed.as("uint8"));
  block.evict(() => {
    const what = `a ${formatShape(weight.shape)} parameter is kept as int8, for inference only`;
    throw new TensorError(`${what}: its elements can't be read, written, trained or saved any more`);
  });
  weight.requiresGrad = false;
}
