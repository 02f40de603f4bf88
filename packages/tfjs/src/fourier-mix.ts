import { customGrad, type Tensor as TfjsTensor, tensor as tfjsTensor } from "@tensorflow/tfjs-core";
import { fourierMix as mix, noGrad, tensor } from "@x/layers";

/**
 * FNet's token mixing, the real part of the two-dimensional Fourier transform over the last two axes: x (…, N, D) → (…, N, D), float32. It has a gradient, which
 * TensorFlow.js's own transforms don't, and works on every backend. Lee-Thorp et al. 2022, eq. 3.
 * @throws ShapeError when x has less than two axes
 */
export const fourierMix: (x: TfjsTensor) => TfjsTensor = customGrad((x) => ({
  value: mixed(x as TfjsTensor),
  gradFunc: (dy: TfjsTensor | TfjsTensor[]) => mixed(Array.isArray(dy) ? (dy[0] as TfjsTensor) : dy), // the map is symmetric
}));

const mixed = (x: TfjsTensor): TfjsTensor =>
  noGrad(() => tfjsTensor(mix(tensor(x.dataSync<"float32">(), x.shape)).toTypedArray(), x.shape));
