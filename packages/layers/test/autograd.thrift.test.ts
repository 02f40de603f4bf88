/** What recording and the backward pass spare: work that nobody needs, and memory as early as can be. */
import { checkForLeaks } from "@x/testing";
import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  backward,
  exp,
  init,
  layerNorm,
  linear,
  liveBytes,
  noGrad,
  scaleAndShift,
  scope,
  selfAttention,
  subtract,
  sum,
  tensor,
  type Tensor,
  zeros,
} from "../src/index.ts";
import { blockScope, engine } from "../src/model.ts";
import { watchKernels } from "./watch-kernels.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

function leaf(values: Parameters<typeof tensor>[0]): Tensor {
  const made = tensor(values);
  made.requiresGrad = true;
  return made;
}

describe("nothing is computed that nobody needs", () => {
  /** The kernels that `body` launches, by name. */
  function launched(body: () => void): string[] {
    using watch = watchKernels();
    body();
    return watch.launched;
  }

  /** How many matrix products the backward pass of one linear layer takes. */
  const products = (trained: readonly ("x" | "weight" | "bias")[]): number =>
    scope(() => {
      const inputs = { x: tensor([[1, 2]]), weight: tensor([[3, 4]]), bias: tensor([1]) };
      for (const name of trained) inputs[name].requiresGrad = true;
      const loss = sum(linear(inputs.x, inputs.weight, inputs.bias));
      return launched(() => backward(loss)).filter((kernel) => kernel === "matmul").length;
    });

  test("linear: one product for dx, one for dw, none for db", () => {
    expect(products(["x", "weight", "bias"])).toBe(2);
    expect(products(["x"])).toBe(1);
    expect(products(["weight"])).toBe(1);
    expect(products(["bias"])).toBe(0);
  });

  test("layerNorm: the gradients of weight and bias are made together, once", () => {
    scope(() => {
      const [x, weight, bias] = [leaf([[1, 2]]), leaf([3, 4]), leaf([5, 6])];
      const loss = sum(layerNorm(x, weight, bias, 1e-5));
      const kernels = launched(() => backward(loss));
      expect(kernels.filter((kernel) => kernel.startsWith("layerNorm")).sort()).toEqual(["layerNormBackward", "layerNormBackwardWeights"]);
    });
  });

  test("a frozen first layer: its input's gradient is not made, nor its own", () => {
    scope(() => {
      const [frozen, trained] = [tensor([[1, 2], [3, 4]]), leaf([[5, 6]])]; // prettier-ignore
      const loss = sum(linear(exp(linear(tensor([[1, 1]]), frozen)), trained));
      expect(launched(() => backward(loss)).filter((kernel) => kernel === "matmul" || kernel === "multiply")).toEqual(["matmul"]);
    });
  });

  test.for([true, false])("attention: scores' gradients are kept for a bias that is trained only: %s", (trained) => {
    scope(() => {
      const [qkv, bias] = [leaf([[[1, 2, 3], [4, 5, 6]]]), tensor([[[0, 1], [2, 3]]])]; // prettier-ignore
      bias.requiresGrad = trained;
      const loss = sum(selfAttention(qkv, { numHeads: 1, bias }));
      const before = liveBytes();
      const spy = vi.spyOn(engine().memory, "allocate");
      backward(loss);
      const scores = spy.mock.calls.filter(([bytes]) => bytes === 4 * 4).length; // 2 × 2
      spy.mockRestore();
      expect(scores).toBe(trained ? 2 : 0); // the items' own, and their sum
      expect(liveBytes()).toBeGreaterThan(before);
      expect(bias.grad !== undefined).toBe(trained);
    });
  });

  test("gradients on the way are freed on the way: a chain of 100 needs no more memory than one of 10", () => {
    const peak = (length: number): number =>
      scope(() => {
        const x = leaf(Array.from({ length: 1000 }, () => 0.5)); // 4 000 bytes
        let y = x;
        for (let i = 0; i < length; i++) y = scaleAndShift(y, 1.01, 0);
        const loss = sum(y);
        const before = liveBytes();
        let most = 0;
        using _watch = watchKernels(() => {
          most = Math.max(most, liveBytes() - before);
        });
        backward(loss);
        return most;
      });
    expect(peak(10)).toBeGreaterThan(4000);
    expect(peak(100)).toBe(peak(10));
  });
});

describe("memory", () => {
  test("the tape holds what it needs when a block's scope ends, and frees it with the step", () => {
    scope(() => {
      const x = leaf([1, 2]);
      const y = blockScope(() => blockScope(() => exp(scaleAndShift(x, 2, 0))));
      const before = liveBytes();
      backward(sum(subtract(y, zeros([2]))));
      expect(x.grad?.data[1]).toBeCloseTo(2 * Math.exp(4), 3);
      expect(liveBytes()).toBeGreaterThan(0);
      expect(before).toBeGreaterThan(0);
    });
  });

  test("without recording a block's intermediate tensors are freed at once", () => {
    scope(() => {
      noGrad(() => {
        const x = tensor([1, 2]);
        const before = liveBytes();
        const y = blockScope(() => exp(exp(exp(x))));
        expect(liveBytes() - before).toBe(64);
        expect(y.disposed).toBe(false);
      });
    });
  });
});
