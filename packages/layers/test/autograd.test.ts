/** The tape: what `backward` adds where, and when it refuses. */
import { checkForLeaks } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  backward,
  exp,
  init,
  isRecording,
  liveBytes,
  linear,
  matmul,
  mean,
  multiply,
  noGrad,
  ones,
  Parameter,
  reshape,
  scaleAndShift,
  scope,
  slice,
  square,
  sum,
  tensor,
  type Tensor,
} from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

function leaf(values: Parameters<typeof tensor>[0]): Tensor {
  const made = tensor(values);
  made.requiresGrad = true;
  return made;
}

const gradientOf = ({ grad }: Tensor): unknown => grad?.toArray();

describe("gradients add up", () => {
  test("a tensor that is used twice by one op", () => {
    scope(() => {
      const x = leaf([3, -2]);
      backward(sum(multiply(x, x)));
      expect(gradientOf(x)).toEqual([6, -4]);
    });
  });

  test("a tensor that several ops use", () => {
    scope(() => {
      const x = leaf([1, 2]);
      backward(sum(add(add(square(x), scaleAndShift(x, 5, 0)), x)));
      expect(gradientOf(x)).toEqual([8, 10]);
    });
  });

  test("a diamond of diamonds: 2¹² paths, each op walked once", () => {
    scope(() => {
      const x = leaf([1]);
      let y = x;
      for (let i = 0; i < 12; i++) y = add(y, y);
      backward(sum(y));
      expect(gradientOf(x)).toEqual([4096]);
    });
  });

  test("a diamond whose sides are of different lengths", () => {
    scope(() => {
      const x = leaf([2]);
      const short = square(x); // 4
      const long = multiply(square(short), x); // x⁵
      backward(sum(multiply(short, long))); // x⁷
      expect(gradientOf(x)).toEqual([7 * 64]);
    });
  });

  test("broadcasting sums back to each operand's own shape", () => {
    scope(() => {
      const [a, b, c, d] = [leaf([[1], [2]]), leaf([[1, 2, 3]]), leaf([1, 1, 1]), leaf(5)];
      backward(sum(multiply(add(add(a, b), c), d)));
      expect(gradientOf(a)).toEqual([[15], [15]]);
      expect(gradientOf(b)).toEqual([[10, 10, 10]]);
      expect(gradientOf(c)).toEqual([10, 10, 10]);
      expect(gradientOf(d)).toBe(27);
    });
  });

  test("over two backward passes", () => {
    scope(() => {
      const weight = leaf([1, 2]);
      backward(sum(scaleAndShift(weight, 3, 0)));
      backward(sum(scaleAndShift(weight, 4, 0)));
      expect(gradientOf(weight)).toEqual([7, 7]);
    });
  });

  test("through scopes inside the loss, which leave the tape to the step's", () => {
    const weight = leaf([1, 2]);
    const before = liveBytes();
    const loss = (inner: (body: () => Tensor) => Tensor): Tensor => sum(inner(() => square(inner(() => exp(scaleAndShift(weight, 2, 0))))));
    const gradients = [scope, (body: () => Tensor) => body()].map((inner) => {
      scope(() => backward(loss(inner)));
      const gradient = Array.from(weight.grad?.data ?? []);
      weight.grad?.dispose();
      weight.grad = undefined;
      expect(liveBytes(), "the step's scope has freed all").toBe(before);
      return gradient;
    });
    expect(gradients[0]).toEqual(gradients[1]);
    scope(() => {
      const features = scope(() => exp(weight).data.slice());
      expect(liveBytes(), "nothing on the tape is returned").toBe(before);
      expect(features).toHaveLength(2);
    });
    weight.dispose();
  });

  test("what was freed on the way is said, not passed over", () => {
    const weight = leaf([1, 2]);
    const remedy = "keep() it or return it from its scope; a loss and its backward share one, without `using`";
    scope(() => {
      const hidden = exp(weight);
      const loss = sum(add(hidden, hidden));
      hidden.dispose();
      expect(() => backward(loss)).toThrow(`backward: a (2,) input of add was freed before; ${remedy}`);
    });
    const late = scope(() => sum(exp(weight)));
    expect(() => backward(late)).toThrow(`backward: a (2,) input of sum was freed before; ${remedy}`);
    for (const left of [late, weight]) left.dispose();
  });

  test("over two steps' scopes, in a gradient that outlives both", () => {
    const weight = new Parameter([2]);
    weight.data.set([1, 2]);
    for (const factor of [3, 4]) scope(() => backward(sum(multiply(weight, tensor([factor, 1])))));
    expect(gradientOf(weight)).toEqual([7, 2]);
    weight.zeroGrad();
    expect(weight.grad).toBeUndefined();
    weight.dispose();
  });

  test("from a dy that is given", () => {
    scope(() => {
      const x = leaf([1, 2, 3]);
      const dy = tensor([1, 10, 100]);
      backward(square(x), dy);
      expect(gradientOf(x)).toEqual([2, 40, 600]);
      expect([...dy.data], "dy is left alone").toEqual([1, 10, 100]);
    });
  });

  test("through views: reshape and rows of the first axis", () => {
    scope(() => {
      const x = leaf([
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      backward(sum(square(reshape(slice(x, 0, 1, 3), [4]))));
      expect(gradientOf(x)).toEqual([
        [0, 0],
        [6, 8],
        [10, 12],
      ]);
    });
  });
});

describe("leaves' gradients are their own", () => {
  test("two leaves that get the same dy do not share memory, nor with dy", () => {
    scope(() => {
      const [a, b, dy] = [leaf([1, 2]), leaf([3, 4]), tensor([1, 1])];
      backward(add(a, b), dy);
      a.grad?.data.fill(9);
      expect(gradientOf(b)).toEqual([1, 1]);
      expect([...dy.toTypedArray()]).toEqual([1, 1]);
    });
  });

  test("the loss itself as a leaf", () => {
    scope(() => {
      const [x, dy] = [leaf([1, 2]), tensor([3, 4])];
      backward(x, dy);
      dy.data.fill(0);
      expect(gradientOf(x)).toEqual([3, 4]);
    });
  });

  test("a reshaped leaf's gradient is a copy of what went through", () => {
    scope(() => {
      const [x, y] = [leaf([1, 2]), leaf([[3], [4]])];
      backward(sum(multiply(add(reshape(x, [2, 1]), y), tensor([[5], [6]]))));
      x.grad?.data.fill(0);
      expect(gradientOf(y)).toEqual([[5], [6]]);
    });
  });

  test("accumulating leaves the loss's other gradients alone", () => {
    scope(() => {
      const [a, b] = [leaf([1]), leaf([1])];
      const y = add(a, b);
      backward(sum(add(y, add(a, a))));
      expect([gradientOf(a), gradientOf(b)]).toEqual([[3], [1]]);
    });
  });
});

describe("what gets no gradient", () => {
  test("frozen parameters, and ops that lead to frozen ones only", () => {
    scope(() => {
      const [frozen, trained] = [new Parameter([2]), new Parameter([2])];
      frozen.data.set([1, 2]);
      trained.data.set([3, 4]);
      frozen.requiresGrad = false;
      const inner = square(frozen);
      expect(inner.requiresGrad).toBe(false);
      backward(sum(multiply(inner, trained)));
      expect(frozen.grad).toBeUndefined();
      expect(gradientOf(trained)).toEqual([1, 4]);
      for (const parameter of [frozen, trained]) parameter.dispose();
    });
  });

  test("tensors between the leaves and the loss", () => {
    scope(() => {
      const x = leaf([1, 2]);
      const y = square(x);
      backward(sum(y));
      expect(y.grad).toBeUndefined();
    });
  });

  test("what is made under noGrad, which ends also by an exception", () => {
    scope(() => {
      const x = leaf([1]);
      expect(noGrad(() => square(x)).requiresGrad).toBe(false);
      expect(() =>
        noGrad(() => {
          throw new Error("stop");
        }),
      ).toThrow("stop");
      expect(isRecording()).toBe(true);
      expect(noGrad(() => noGrad(() => isRecording()) || isRecording())).toBe(false);
      expect(square(x).requiresGrad).toBe(true);
    });
  });

  test("inputs of a linear layer that need none are not computed for", () => {
    scope(() => {
      const [x, weight, bias] = [tensor([[1, 2]]), leaf([[3, 4]]), tensor([1])];
      backward(sum(linear(x, weight, bias)));
      expect(gradientOf(weight)).toEqual([[1, 2]]);
      expect([x.grad, bias.grad]).toEqual([undefined, undefined]);
    });
  });
});

describe("backward refuses", () => {
  const messages = {
    nothing: "backward: nothing leads back from this tensor: no input requires a gradient, or it was made under noGrad",
    several: "backward: without dy the loss must be a single number, but it has 2 elements",
    shape: "backward: dy must have the loss's shape, but loss is (2,), dy is (1, 2)",
    again: "backward: this square was already walked back over; add the losses up and call backward once",
  };

  test("a loss that nothing leads back from", () => {
    expect(() => scope(() => backward(sum(tensor([1, 2]))))).toThrow(
      expect.objectContaining({ name: "TensorError", message: messages.nothing }),
    );
    expect(() => scope(() => backward(noGrad(() => sum(leaf([1])))))).toThrow(expect.objectContaining({ message: messages.nothing }));
  });

  test("a loss of several numbers without dy, and a dy of another shape", () => {
    expect(() => scope(() => backward(square(leaf([1, 2]))))).toThrow(
      expect.objectContaining({ name: "TensorError", message: messages.several }),
    );
    expect(() => scope(() => backward(square(leaf([1, 2])), ones([1, 2])))).toThrow(
      expect.objectContaining({ name: "ShapeError", message: messages.shape }),
    );
  });

  test("the same loss twice, and a second loss over a spent part", () => {
    scope(() => {
      const x = leaf([1, 2]);
      const shared = square(x);
      const [first, second] = [sum(shared), mean(shared)];
      backward(first);
      expect(() => backward(first)).toThrow("backward: this sum was already walked back over; add the losses up and call backward once");
      expect(() => backward(second)).toThrow(expect.objectContaining({ name: "TensorError", message: messages.again }));
      expect(isRecording(), "recording goes on").toBe(true);
    });
  });
});

describe("long and deep tapes", () => {
  test("a chain of 10 000 ops", () => {
    scope(() => {
      const x = leaf([1, 2]);
      let y = x;
      for (let i = 0; i < 10_000; i++) y = i % 2 ? scaleAndShift(y, 1, 1) : add(y, x);
      backward(sum(y));
      expect(gradientOf(x)).toEqual([5001, 5001]);
    });
  });

  test("a product of 50 matrices", () => {
    scope(() => {
      const x = leaf([
        [1, 0],
        [0, 1],
      ]);
      let y = x;
      for (let i = 0; i < 50; i++)
        y = matmul(
          y,
          tensor([
            [0, 1],
            [1, 0],
          ]),
        );
      backward(
        y,
        tensor([
          [1, 2],
          [3, 4],
        ]),
      );
      expect(gradientOf(x)).toEqual([
        [1, 2],
        [3, 4],
      ]);
    });
  });
});
