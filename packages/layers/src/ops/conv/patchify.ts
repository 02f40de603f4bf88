import type { PatchLayout } from "@x/core-wasm";
import { record } from "../../autograd/tape.ts";
import { ShapeError, TensorError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import type { Shape } from "../../tensor/shape.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * Order of the numbers in a patch: `channelsFirst` is (channel, row, column), what a convolution's weight has; `channelsLast` is
 * (row, column, channel), MAE's.
 */
export type { PatchLayout };

/** Images (B, C, H, W) cut into patches (B, N, C·P·P), row by row. @throws ShapeError when P doesn't divide H and W; TensorError when P can't be */
export function patchify(images: Tensor, patchSize: number, layout: PatchLayout = "channelsFirst"): Tensor {
  checkFloats("patchify", { images });
  checkPatchSize("patchify", patchSize);
  const [batch = 0, channels = 0, height = 0, width = 0] = images.shape;
  if (images.shape.length !== 4 || height % patchSize !== 0 || width % patchSize !== 0) {
    throw new ShapeError("patchify", `images must be (B, C, H, W) with H and W multiples of ${patchSize}`, { images: images.shape });
  }
  const patches = empty([batch, (height / patchSize) * (width / patchSize), channels * patchSize ** 2]);
  kernels().patchify({ images, patches, ...geometry(images.shape, patchSize), layout });
  return record("patchify", patches, [images], (dy) => [() => unpatchified(dy, images.shape, patchSize, layout)]);
}

/**
 * Patches (B, N, C·P·P) put back together as images (B, C, H, W) of the given height and width.
 * @throws ShapeError when they aren't as many or as large as that takes, or P doesn't divide height and width
 */
export function unpatchify(
  patches: Tensor,
  patchSize: number,
  height: number,
  width: number,
  layout: PatchLayout = "channelsFirst",
): Tensor {
  checkFloats("unpatchify", { patches });
  checkPatchSize("unpatchify", patchSize);
  const [batch = 0, count, length = 0] = patches.shape;
  const channels = length / patchSize ** 2;
  if (height % patchSize !== 0 || width % patchSize !== 0) {
    throw new ShapeError("unpatchify", `height ${height} and width ${width} must be multiples of ${patchSize}`, { patches: patches.shape });
  }
  const expected = (height / patchSize) * (width / patchSize);
  if (patches.shape.length !== 3 || count !== expected || !Number.isInteger(channels)) {
    throw new ShapeError("unpatchify", `patches must be (B, ${expected}, C·${patchSize}·${patchSize})`, { patches: patches.shape });
  }
  const images = unpatchified(patches, [batch, channels, height, width], patchSize, layout);
  return record("unpatchify", images, [patches], (dy) => [() => patchify(dy, patchSize, layout)]);
}

function checkPatchSize(op: string, patchSize: number): void {
  if (!(Number.isInteger(patchSize) && patchSize > 0))
    throw new TensorError(`${op}: a patch size is a whole number from 1 on, but is ${patchSize}`);
}

function unpatchified(patches: Tensor, shape: Shape, patchSize: number, layout: PatchLayout): Tensor {
  const images = empty(shape);
  kernels().unpatchify({ patches, images, ...geometry(shape, patchSize), layout });
  return images;
}

function geometry([batch = 0, channels = 0, height = 0, width = 0]: Shape, patch: number) {
  return { batch, channels, height, width, patch };
}
