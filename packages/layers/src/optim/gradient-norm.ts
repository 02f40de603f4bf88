import { formatShape, TensorError } from "../errors.ts";
import { engine } from "../tensor/engine.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";

const BLOCK = 4096; // elements that one partial sum covers

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

function sumOfSquares({ pointer, size }: Tensor): number {
  const blocks = Math.ceil(size / BLOCK);
  using partials = empty([2 * blocks]); // float64 each
  using total = empty([1]);
  engine().launch("sumOfSquaresPartials", blocks, BLOCK, pointer, partials.pointer, size);
  engine().launch("sumOfPartials", 1, blocks, partials.pointer, total.pointer, blocks);
  return total.item();
}
