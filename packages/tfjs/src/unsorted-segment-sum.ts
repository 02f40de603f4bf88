import { intTensor, scope, ShapeError, zeros } from "@x/layers";
import { engine } from "@x/layers/model";
import { type KernelBackend, type KernelConfig, type NamedAttrMap, type TensorInfo, UnsortedSegmentSum } from "@tensorflow/tfjs-core";
import { read, values, write } from "./backend.ts";
import { inputs } from "./kernel.ts";

/**
 * Rows of x (N, …) added up by their segment, segmentIds (N) → (numSegments, …): the gradient of `gather`, so of every embedding. Rows of segments that
 * don't exist are dropped, as on tfjs's CPU backend.
 */
function unsortedSegmentSum(
  backend: KernelBackend,
  [x, segmentIds]: readonly [x: TensorInfo, segmentIds: TensorInfo],
  attributes: NamedAttrMap,
): TensorInfo {
  const numSegments = Number(attributes["numSegments"]);
  const [rows = 0, ...rest] = x.shape;
  if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== rows) {
    throw new ShapeError("unsortedSegmentSum", `segmentIds must be (${rows},)`, { segmentIds: segmentIds.shape });
  }
  const columns = rest.reduce((product, length) => product * length, 1);
  return scope(() => {
    const ids = Int32Array.from(values(backend, segmentIds), (id) => (id >= 0 && id < numSegments ? id : numSegments));
    const [from, to] = [read(backend, x, [rows, columns]), zeros([numSegments + 1, columns])]; // the last row takes what is dropped
    engine().kernels.scatterAddRows({ dy: from, ids: intTensor(ids, [rows]), table: to, rows, columns });
    return write(backend, to.toTypedArray().subarray(0, numSegments * columns), [numSegments, ...rest]);
  });
}

export const segmentKernels = (backendName: string): KernelConfig[] => [
  { kernelName: UnsortedSegmentSum, backendName, kernelFunc: inputs(["x", "segmentIds"], unsortedSegmentSum) },
];
