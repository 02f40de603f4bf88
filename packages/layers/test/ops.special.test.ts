/** What the table of ops can't say: equal maxima, ways of saying the same, and the other refusals. */
import { checkForLeaks, expectClose, normal } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { argmax as argmaxReference } from "@x/core-wasm/reference/reduce";
import {
  activationOf,
  abs,
  activate,
  add,
  argmax,
  argmin,
  attention,
  type AttentionOptions,
  backward,
  binaryCrossEntropy,
  broadcastTo,
  clamp,
  concat,
  crossEntropy,
  divide,
  embedding,
  equal,
  explicitAttention,
  explicitSelfAttention,
  gatherTokens,
  init,
  interpolate,
  intTensor,
  layerNorm,
  linear,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  multiply,
  notEqual,
  ones,
  paddingMask,
  patchify,
  permute,
  pow,
  reshape,
  scope,
  selfAttention,
  slice,
  softmax,
  split,
  stack,
  subtract,
  sum,
  tensor,
  type Tensor,
  transpose,
  unpatchify,
  where,
  zeros,
} from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

describe("attention", () => {
  test("windows are what gathering, attending and putting back give, gradients too", () => {
    const table = [
      [5, 6, 9, 10],
      [7, 4, 11, 8],
      [13, 14, 1, 2],
      [15, 12, 3, 0],
    ];
    scope(() => {
      const run = (attend: (qkv: Tensor, bias: Tensor, mask: Tensor) => Tensor): Float32Array[] => {
        const [qkv, bias, mask, dy] = [normal([3, 16, 36], 1), normal([2, 4, 4], 2), normal([4, 4, 4], 3), normal([3, 16, 12], 4)];
        qkv.requiresGrad = bias.requiresGrad = true;
        const y = attend(qkv, bias, mask);
        backward(y, dy);
        return [y, qkv.grad, bias.grad].map((made) => made?.toTypedArray() ?? new Float32Array());
      };
      const fused = run((qkv, bias, mask) => selfAttention(qkv, { numHeads: 2, bias, mask, windows: intTensor(table) }));
      const gathered = run((qkv, bias, mask) => {
        const order = Array.from({ length: 3 }, () => table.flat());
        const inWindows = reshape(gatherTokens(qkv, intTensor(order)), [12, 4, 36]);
        const y = reshape(selfAttention(inWindows, { numHeads: 2, bias, mask }), [3, 16, 12]);
        return gatherTokens(y, intTensor(order.map((row) => row.map((_, token) => row.indexOf(token)))));
      });
      for (const [i, what] of ["y", "gradient of qkv", "gradient of bias"].entries()) expectClose(fused[i] ?? [], gathered[i] ?? [], what);
    });
  });

  test.for([1, 2, 3, 5, 8, 12, 16, 17, 32, 33, 64, 65])(
    "head size %i: attention, explicitAttention and selfAttention agree, gradients too",
    (headSize) => {
      scope(() => {
        const width = 2 * headSize;
        const run = (attend: (query: Tensor, key: Tensor, value: Tensor) => Tensor): Float32Array[] => {
          const parts = [normal([2, 7, width], 1), normal([2, 7, width], 2), normal([2, 7, width], 3)] as const;
          for (const part of parts) part.requiresGrad = true;
          const y = attend(...parts);
          backward(y, normal([2, 7, width], 4));
          return [y, ...parts.map((part) => part.grad)].map((made) => made?.toTypedArray() ?? new Float32Array());
        };
        const options = { numHeads: 2, causal: true };
        const fused = run((query, key, value) => attention(query, key, value, options));
        const explicit = run((query, key, value) => explicitAttention(query, key, value, options).output);
        const packed = run((query, key, value) => selfAttention(concat([query, key, value], 2), options));
        for (const [i, what] of ["y", "dq", "dk", "dv"].entries()) {
          expectClose(explicit[i] ?? [], fused[i] ?? [], `explicit ${what}`);
          expectClose(packed[i] ?? [], fused[i] ?? [], `packed ${what}`);
        }
      });
    },
  );

  test("a query that may see nothing gives zeros and zero gradients", () => {
    scope(() => {
      const mask = tensor([
        [
          [0, 0, 0],
          [-Infinity, -Infinity, -Infinity],
          [0, -Infinity, 0],
        ],
      ]);
      const [fused, explicit] = [selfAttention, (qkv: Tensor, options: AttentionOptions) => explicitSelfAttention(qkv, options).output].map(
        (attend) => {
          const qkv = normal([1, 3, 12], 5);
          qkv.requiresGrad = true;
          const y = attend(qkv, { numHeads: 2, mask });
          backward(y, ones(y.shape));
          expect([...y.data.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
          expect([...(qkv.grad?.data.subarray(12, 16) ?? [])], "gradient of its query").toEqual([0, 0, 0, 0]);
          return qkv.grad?.toTypedArray() ?? new Float32Array();
        },
      );
      expect(fused?.every(Number.isFinite)).toBe(true);
      expectClose(explicit ?? [], fused ?? [], "gradient of qkv");
    });
  });

  test("probabilities are rows that sum to 1, nothing where it is forbidden", () => {
    scope(() => {
      const qkv = normal([2, 5, 12], 6);
      const { probabilities } = explicitSelfAttention(qkv, { numHeads: 2, causal: true });
      expect(probabilities.shape).toEqual([2, 2, 5, 5]);
      expectClose(sum(probabilities, -1).toTypedArray(), ones([20]).data, "sums", 1e-6);
      probabilities.data.forEach((p, i) => expect(p > 0).toBe(i % 5 <= Math.floor(i / 5) % 5));
    });
  });

  test.for([
    ["bias", { bias: [2, 3, 4] }, "attention: bias must be (2, 3, 3), but bias is (2, 3, 4)"],
    ["mask's keys", { mask: [1, 1, 4] }, "attention: mask must be (a divisor of 4, 1 or 3, 3), but mask is (1, 1, 4)"],
    ["mask's queries", { mask: [1, 2, 3] }, "attention: mask must be (a divisor of 4, 1 or 3, 3), but mask is (1, 2, 3)"],
    ["number of masks", { mask: [3, 1, 3] }, "attention: mask must be (a divisor of 4, 1 or 3, 3), but mask is (3, 1, 3)"],
    ["mask's axes", { mask: [3, 3] }, "attention: mask must be (a divisor of 4, 1 or 3, 3), but mask is (3, 3)"],
  ] as const)("a wrong %s is refused", ([, shapes, message]) => {
    scope(() => {
      const options = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, zeros(shape)]));
      expect(() => selfAttention(zeros([4, 3, 12]), { numHeads: 2, ...options })).toThrow(expect.objectContaining({ message }));
    });
  });
});

describe("argmax", () => {
  test.for([1, 3, 5, 17, 64, 197])("of rows of %i: the reference's", (length) => {
    scope(() => {
      const x = normal([6, length], length);
      expect([...argmax(x).toTypedArray()]).toEqual([...argmaxReference(x.data, length)]);
      expect(argmax(x).shape).toEqual([6]);
    });
  });

  test("takes the first of equals, and NaN as the greatest", () => {
    scope(() => {
      expect([
        ...argmax(
          tensor([
            [1, 5, 5],
            [2, 2, 2],
            [7, Number.NaN, 9],
          ]),
        ).data,
      ]).toEqual([1, 0, 1]);
      expect(argmax(zeros([0, 4])).shape).toEqual([0]);
    });
  });
});

describe("what the table can't say", () => {
  test("equal maxima share the gradient", () => {
    scope(() => {
      const x = tensor([
        [1, 3, 3],
        [2, 2, 2],
      ]);
      x.requiresGrad = true;
      backward(max(x, 1), tensor([1, 6]));
      expect(x.grad?.toArray()).toEqual([
        [0, 0.5, 0.5],
        [2, 2, 2],
      ]);
    });
  });

  test("softmax of nothing but -∞ is 0, and -∞ among others is 0", () => {
    scope(() => {
      expect(
        softmax(
          tensor([
            [-Infinity, -Infinity],
            [0, -Infinity],
          ]),
        ).toArray(),
      ).toEqual([
        [0, 0],
        [1, 0],
      ]);
    });
  });

  test("crossEntropy is 0 when every row is ignored, with zero gradients", () => {
    scope(() => {
      const logits = normal([2, 3], 1);
      logits.requiresGrad = true;
      const loss = crossEntropy(logits, intTensor([-100, -100]));
      backward(loss);
      expect(loss.item()).toBe(0);
      expect(logits.grad?.toArray()).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
    });
  });

  test.for([
    [
      "a table that is no matrix",
      () => embedding(intTensor([0]), zeros([3, 2, 2])),
      "embedding: table must be (rows, D), but table is (3, 2, 2)",
    ],
    [
      "an axis of no points",
      () => interpolate(zeros([2, 0, 3]), 1, 5, "linear"),
      "interpolate: axis 1 must have at least one point, but x is (2, 0, 3)",
    ],
    ["a patch size below 1", () => patchify(zeros([1, 1, 4, 4]), -2), "patchify: a patch size is a whole number from 1 on, but is -2"],
    ["a patch size of 0", () => unpatchify(zeros([1, 1, 4]), 0, 4, 4), "unpatchify: a patch size is a whole number from 1 on, but is 0"],
    ["half a patch size", () => patchify(zeros([1, 4, 3, 3]), 1.5), "patchify: a patch size is a whole number from 1 on, but is 1.5"],
    [
      "a label beyond the classes",
      () => crossEntropy(zeros([2, 3]), intTensor([0, 3])),
      "crossEntropy: labels go from 0 to 2, but label 1 is 3",
    ],
    ["a negative label", () => crossEntropy(zeros([2, 3]), intTensor([-1, 0])), "crossEntropy: labels go from 0 to 2, but label 0 is -1"],
    ["a negative id", () => embedding(intTensor([-1]), zeros([3, 2])), "embedding: ids go from 0 to 2, but id 0 is -1"],
    ["a token beyond the last", () => gatherTokens(zeros([1, 2, 3]), intTensor([[2]])), "gatherTokens: ids go from 0 to 1, but id 0 is 2"],
    [
      "inner lengths",
      () => matmul(zeros([3]), zeros([3, 2])),
      "matmul: a's columns must be as many as b's rows, but a is (3,), b is (3, 2)",
    ],
    [
      "batches",
      () => matmul(zeros([2, 1, 3]), zeros([3, 3, 1])),
      "matmul: shapes must be equal or 1 on every axis, counted from the last, but a is (2,), b is (3,)",
    ],
    [
      "a seventh axis",
      () => broadcastTo(zeros([2]), [1, 1, 1, 1, 1, 1, 2]),
      "broadcastTo: x's lengths must equal shape's or be 1, and the axes six at most, but x is (2,), shape is (1, 1, 1, 1, 1, 1, 2)",
    ],
    [
      "six alternating axes",
      () => add(zeros([2, 1, 2, 1, 2, 1]), zeros([1, 2, 1, 2, 1, 2])),
      "add: at most five axes may be left once neighbours that broadcast alike are one, but a is (2, 1, 2, 1, 2, 1), b is (1, 2, 1, 2, 1, 2)",
    ],
    [
      "half a row of patches",
      () => unpatchify(zeros([1, 4, 4]), 2, 1, 16),
      "unpatchify: height 1 and width 16 must be multiples of 2, but patches is (1, 4, 4)",
    ],
    ["no tensors", () => concat([], 0), "concat: at least one tensor is needed"],
    ["no axes", () => sum(zeros([2]), []), "sum: axes must name an axis or more, and none twice, but are []"],
    ["a size of 0", () => split(zeros([2]), 0, 0), "split: a size must be a whole number from 1 on, but is 0"],
    ["half a size", () => split(zeros([2]), [0.5, 1.5], 0), "slice: 0 to 0.5 does not lie in axis 0, of length 2"],
    [
      "a target of 2",
      () => binaryCrossEntropy(zeros([2]), tensor([0, 2])),
      "binaryCrossEntropy: targets must be from 0 to 1, but target 1 is 2",
    ],
    ["a backward slice", () => slice(zeros([4]), 0, 3, 1), "slice: 3 to 1 does not lie in axis 0, of length 4"],
  ] as const)("%s is refused", ([, call, message]) => {
    expect(() => scope<unknown>(call)).toThrow(expect.objectContaining({ message }));
  });

  test("negative slices count from the end", () => {
    scope(() => {
      expect(slice(tensor([[1, 2, 3, 4]]), 1, -3, -1).toArray()).toEqual([[2, 3]]);
      expect(slice(tensor([1, 2, 3, 4]), 0, -2).toArray()).toEqual([3, 4]);
    });
  });

  test("an activation's name in a Hugging Face config", () => {
    expect(activationOf("gelu_new")).toBe("geluTanh");
    expect(() => activationOf("unheard")).toThrow(/^hidden_act: expected one of relu, gelu, .*, but found "unheard"$/);
  });
});

describe("numbers among operands", () => {
  test("the bits are float32's, the sign of zero too", () => {
    scope(() => {
      const values = [-0, 0, 0.1, -3.7, 1e-40, 3e38, Infinity, Number.NaN];
      const x = tensor(values);
      const inputs = [...x.data];
      for (const number of [0, -0, 0.1, -2, 3, 1e-30, Infinity]) {
        const n = Math.fround(number);
        for (const [what, found, expected] of [
          ["x + n", add(x, number), (value: number) => value + n],
          ["n + x", add(number, x), (value: number) => value + n],
          ["x − n", subtract(x, number), (value: number) => value - n],
          ["n − x", subtract(number, x), (value: number) => n - value],
          ["x · n", multiply(x, number), (value: number) => value * n],
          ["x / n", divide(x, number), (value: number) => value / n],
          ["n / x", divide(number, x), (value: number) => n / value],
        ] as const) {
          expect([...found.data], `${what} for n = ${number}`).toEqual(inputs.map((value) => Math.fround(expected(value))));
        }
      }
    });
  });

  test("leave the gradient to the tensor", () => {
    scope(() => {
      const x = tensor([1, 2, 4]);
      x.requiresGrad = true;
      backward(sum(divide(subtract(3, multiply(x, 2)), x))); // Σ (3 / x − 2)
      expect(x.grad?.toArray()).toEqual([-3, -0.75, -0.1875]);
    });
  });

  test("ties of maximum and minimum share with a number as with a tensor", () => {
    scope(() => {
      for (const extreme of [maximum, minimum]) {
        const x = tensor([-1, 0, 1]);
        x.requiresGrad = true;
        backward(sum(extreme(x, 0)));
        expect(x.grad?.toArray()).toEqual(extreme === maximum ? [0, 0.5, 1] : [1, 0.5, 0]);
      }
    });
  });
});

describe("what is not a number", () => {
  test("NaN: maximum, minimum, max, min and clamp pass it on, comparisons don't hold, notEqual does", () => {
    scope(() => {
      const x = tensor([1, Number.NaN, 3]);
      for (const y of [maximum(x, 2), minimum(2, x), clamp(x, 0, 2)]) expect([...y.data].map(Number.isNaN)).toEqual([false, true, false]);
      for (const y of [max(x), min(x)]) expect(y.item()).toBeNaN();
      expect(equal(x, x).toArray()).toEqual([1, 0, 1]);
      expect(notEqual(x, x).toArray()).toEqual([0, 1, 0]);
      expect([argmax(x).item(), argmin(x).item()]).toEqual([1, 1]);
    });
  });

  test("where: what isn't taken may be infinite, its gradient is 0", () => {
    scope(() => {
      const x = tensor([-1, 0, 4]);
      x.requiresGrad = true;
      const y = where(tensor([0, 0, 1]), pow(x, 0.5), 0);
      backward(sum(y));
      expect(y.toArray()).toEqual([0, 0, 2]);
      expect(where(tensor([1, Number.NaN, 0]), x, Number.NaN).toArray()).toEqual([-1, 0, Number.NaN]);
    });
  });
});

describe("gradients where PyTorch has chosen", () => {
  test.for([
    ["abs at 0", abs, [-2, 0, 2], [-1, 0, 1]],
    ["clamp on its bounds", (x: Tensor) => clamp(x, -1, 1), [-1, 0, 1], [0, 1, 0]],
    ["pow: whole exponents of negative numbers", (x: Tensor) => pow(x, 3), [-2, 0, 1], [12, 0, 3]],
    ["pow: x⁰ at 0", (x: Tensor) => pow(x, 0), [0, 1, 2], [0, 0, 0]],
    ["min: equal ones share", (x: Tensor) => min(x), [2, 1, 1], [0, 0.5, 0.5]],
    ["max over axes apart: all equal ones share", (x: Tensor) => max(reshape(x, [3, 1, 1]), [0, 2]), [3, 3, 3], [1 / 3, 1 / 3, 1 / 3]],
  ] as const)("%s", ([, op, values, expected]) => {
    scope(() => {
      const x = tensor(values);
      x.requiresGrad = true;
      backward(sum(op(x)));
      expectClose(x.grad?.data ?? [], expected, "gradient", 1e-7);
    });
  });
});

describe("whole numbers", () => {
  test("are moved as they are, to the bit", () => {
    scope(() => {
      const bits = [1, -1, 0x7f800001, -0x80000000, 0x7fc00000, 6]; // as floats: a denormal, NaNs, a signalling one, −0
      const x = intTensor(bits, [2, 3]);
      const columns = [
        [bits[0], bits[3]],
        [bits[1], bits[4]],
        [bits[2], bits[5]],
      ];
      for (const moved of [
        permute(x, [1, 0]),
        transpose(x),
        stack(
          [slice(x, 0, 0, 1), slice(x, 0, 1, 2)].map((row) => reshape(row, [3])),
          1,
        ),
      ]) {
        expect([moved.dtype, moved.toArray()]).toEqual(["int32", columns]);
      }
      expect(concat(split(x, 1, 1), 1).toArray()).toEqual(x.toArray());
      expect(slice(x, 1, 1, 3).toArray()).toEqual([bits.slice(1, 3), bits.slice(4)]);
      expect(broadcastTo(intTensor([7, 8]), [2, 2]).toArray()).toEqual([
        [7, 8],
        [7, 8],
      ]);
    });
  });
});

describe("operands of a wrong kind are named", () => {
  // As somebody writes whom no types hold back.
  const call = (op: (...operands: never[]) => unknown, ...operands: unknown[]): unknown => Reflect.apply(op, undefined, operands);

  test.for([
    ["add: b must be a float32 tensor or a number, but is int32", () => call(add, zeros([2]), intTensor([1, 2]))],
    ['add: b must be a float32 tensor or a number, but is "x"', () => call(add, zeros([2]), "x")],
    ["add: a must be a float32 tensor or a number, but is undefined", () => call(add)],
    ["where: condition must be a float32 tensor, but is int32", () => call(where, intTensor([1]), 1, 2)],
    ["where: b must be a float32 tensor or a number, but is null", () => call(where, zeros([1]), 1, null)],
    ["softmax: x must be a float32 tensor, but is an Array", () => call(softmax, [1, 2])],
    ["gelu: x must be a float32 tensor, but is int32", () => call(activate, intTensor([1]), "gelu")],
    ["sum: x must be a float32 tensor, but is int32", () => call(sum, intTensor([1]))],
    ["mean: x must be a float32 tensor, but is 3", () => call(mean, 3)],
    ["linear: bias must be a float32 tensor, but is an Array", () => call(linear, zeros([1, 2]), zeros([3, 2]), [1, 2, 3])],
    ["layerNorm: weight must be a float32 tensor, but is undefined", () => call(layerNorm, zeros([2]))],
    ["matmul: a must be a float32 tensor, but is int32", () => call(matmul, intTensor([1], [1, 1]), zeros([1, 1]))],
    ["embedding: ids must be an int32 tensor, but is float32", () => call(embedding, zeros([2]), zeros([3, 2]))],
    ["embedding: ids must be an int32 tensor, but is an Array", () => call(embedding, [0, 1], zeros([3, 2]))],
    ["crossEntropy: labels must be an int32 tensor, but is float32", () => call(crossEntropy, zeros([1, 2]), zeros([1]))],
    ["binaryCrossEntropy: targets must be a float32 tensor, but is int32", () => call(binaryCrossEntropy, zeros([2]), intTensor([0, 1]))],
    ['selfAttention: qkv must be a float32 tensor, but is "text"', () => call(selfAttention, "text", { numHeads: 1 })],
    ["reshape: x must be a tensor, but is an Array", () => call(reshape, [1, 2], [2])],
    ["concat: tensor 1 must be a tensor, but is an Array", () => call(concat, [zeros([1]), [1]], 0)],
    ["concat: tensors must be of one dtype, but are float32 and int32", () => call(concat, [zeros([1]), intTensor([1])], 0)],
    ["paddingMask: attentionMask must be an int32 tensor, but is float32", () => call(paddingMask, zeros([1, 1]))],
    ["backward: loss must be a float32 tensor, but is 3", () => call(backward, 3)],
    ["stack: parts must be an array, but is a Tensor", () => call(stack, zeros([1]), 0)],
  ] as const)("%s", ([message, wrong]) => {
    expect(() => scope(wrong)).toThrow(expect.objectContaining({ message, name: "ArgumentError" }));
  });
});
