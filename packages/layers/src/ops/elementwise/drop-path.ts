import { anRng, belowOne, checkArguments } from "../../options.ts";
import type { Rng } from "../../random.ts";
import { kernels } from "../../tensor/engine.ts";
import { checkFloats } from "../../tensor/operands.ts";
import { empty, type Tensor } from "../../tensor/tensor.ts";
import { multiply } from "./arithmetic.ts";

/** x · m / (1 − p) with m drawn from Bernoulli(1 − p) once for each sample of x (B, …). Huang et al. 2016, eq. 2. */
export function dropPath(x: Tensor, p: number, rng: Rng): Tensor {
  checkFloats("dropPath", { x });
  checkArguments("dropPath", belowOne, { p });
  checkArguments("dropPath", anRng, { rng });
  const [batch = 0] = x.shape;
  const factors = empty([batch, ...x.shape.slice(1).map(() => 1)]); // (B, 1, …)
  kernels().bernoulli({ y: factors, probability: 1 - p, value: 1 / (1 - p), seed: rng.seed, stream: rng.nextStream(), size: batch });
  return multiply(x, factors);
}
