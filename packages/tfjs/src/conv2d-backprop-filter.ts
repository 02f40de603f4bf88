import {
  backend_util,
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type KernelBackend,
  type KernelConfig,
  type NamedAttrMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { ArgumentError, matmul, scope, tensor } from "@x/layers";
import { read, values, write } from "./backend.ts";
import { inputs } from "./kernel.ts";

type ConvInfo = ReturnType<typeof backend_util.computeConv2DInfo>;

/**
 * The gradient of a convolution's filter, so of every patch embedding: x (B, H, W, C), dy (B, H', W', out) → (K, K, C, out), as columns of x, transposed, times dy.
 * @throws ArgumentError when the data format isn't NHWC
 */
function conv2DBackpropFilter(
  backend: KernelBackend,
  [x, dy]: readonly [x: TensorInfo, dy: TensorInfo],
  attributes: NamedAttrMap,
): TensorInfo {
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attributes as NamedAttrMap & Conv2DBackpropFilterAttrs;
  if (dataFormat !== "NHWC") throw new ArgumentError("conv2d's gradient", "the data format must be NHWC", `is ${dataFormat}`);
  const info = backend_util.computeConv2DInfo(x.shape as [number, number, number, number], filterShape, strides, 1, pad, dimRoundingMode);
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels, outChannels } = info;
  const [rows, taps] = [batchSize * outHeight * outWidth, filterHeight * filterWidth * inChannels];
  return scope(() => {
    const columns = tensor(columnsOf(values(backend, x), info), [rows, taps]);
    const dw = matmul(columns, read(backend, dy, [rows, outChannels]), { transposeA: true }); // (taps, out)
    return write(backend, dw.toTypedArray(), filterShape);
  });
}

/** x (B, H, W, C) → what each output sees, (B·H'·W', K·K·C); the padding is zeros. */
function columnsOf(x: Float32Array, info: ConvInfo): Float32Array {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } =
    info;
  const columns = new Float32Array(batchSize * outHeight * outWidth * filterHeight * filterWidth * inChannels);
  let to = 0;
  for (let b = 0; b < batchSize; b++) {
    for (let i = 0; i < outHeight * outWidth; i++) {
      const top = Math.floor(i / outWidth) * strideHeight - padInfo.top;
      const left = (i % outWidth) * strideWidth - padInfo.left;
      for (let tap = 0; tap < filterHeight * filterWidth; tap++, to += inChannels) {
        const [row, column] = [top + Math.floor(tap / filterWidth), left + (tap % filterWidth)];
        if (row < 0 || row >= inHeight || column < 0 || column >= inWidth) continue;
        const from = ((b * inHeight + row) * inWidth + column) * inChannels;
        columns.set(x.subarray(from, from + inChannels), to);
      }
    }
  }
  return columns;
}

export const convolutionKernels = (backendName: string): KernelConfig[] => [
  { kernelName: Conv2DBackpropFilter, backendName, kernelFunc: inputs(["x", "dy"], conv2DBackpropFilter) },
];
