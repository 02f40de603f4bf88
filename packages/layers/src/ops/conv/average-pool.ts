import { record } from "../../autograd/tape.ts";
import { ShapeError } from "../../errors.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";

/**
 * Means over squares of K × K pixels that lie side by side: x (B, C, H, W) → (B, C, ⌊H / K⌋, ⌊W / K⌋); what is left over at the edges counts for
 * nothing. @throws ShapeError when x isn't (B, C, H, W), or K no whole number from 1 on
 */
export function averagePool2d(x: Tensor, kernelSize: number): Tensor {
  checkFloats("averagePool2d", { x });
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  if (x.shape.length !== 4 || !Number.isInteger(kernelSize) || kernelSize < 1) {
    throw new ShapeError("averagePool2d", `x must be (B, C, H, W) and ${kernelSize} a whole number from 1 on`, { x: x.shape });
  }
  const [planes, down, across] = [batch * channels, Math.floor(height / kernelSize), Math.floor(width / kernelSize)];
  const y = empty([batch, channels, down, across]);
  kernels().averagePool({ x, y, planes, height, width, kernel: kernelSize });
  return record("averagePool2d", y, [x], (dy) => [
    () => {
      const dx = empty(x.shape);
      kernels().averagePoolBackward({ dy, dx, planes, height, width, kernel: kernelSize });
      return dx;
    },
  ]);
}
