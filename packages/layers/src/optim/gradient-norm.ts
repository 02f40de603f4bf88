import { sumOfSquaresPartialsBytes } from "@x/core-wasm";
import { formatShape, TensorError } from "../errors.ts";
import { engine, kernels } from "../tensor/engine.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";

/**
 * The L2 norm of all gradients together.
 * @param names what an error calls the parameters
 * @throws TensorError naming the first parameter whose gradient isn't finite
 */
export function gradientNorm(where: string, parameters: readonly Parameter[], names?: ReadonlyMap<Parameter, string>): number {
  let sum = 0;
  for (const [i, parameter] of parameters.entries()) {
    if (!parameter.grad) continue;
    const squares = sumOfSquares(parameter.grad);
    if (!Number.isFinite(squares)) refuse(where, names?.get(parameter) ?? `parameter ${i}`, parameter.grad);
    sum += squares;
  }
  return Math.sqrt(sum);
}

function refuse(where: string, name: string, gradient: Tensor): never {
  const value = gradient.data.find((element) => !Number.isFinite(element));
  const found = value === undefined ? "numbers too large to be squared" : String(value);
  throw new TensorError(
    `${where}: the gradient of ${name}, ${formatShape(gradient.shape)}, has ${found}; the parameters stay as they are`,
    {
      where,
      expected: "finite gradients",
      found: `${found} in that of ${name}`,
    },
  );
}

function sumOfSquares(x: Tensor): number {
  using block = engine().allocate(sumOfSquaresPartialsBytes(x.size));
  const partials = block.as("uint8");
  using total = empty([1]);
  kernels().sumOfSquaresPartials({ x, partials, length: x.size });
  kernels().sumOfPartials({ partials, y: total, length: x.size });
  return total.item();
}
