/**
 * Every op, one row each. A case gives the inputs' shapes and, beside them, the options of one call; `reference` says the same in float64.
 * tools/reference/ops.py reads this table and writes PyTorch's numbers for every case to golden/ops.safetensors.
 */
import * as batchNormReference from "@x/core-wasm/reference/batch-norm";
import { averagePool } from "@x/core-wasm/reference/average-pool";
import { crossEntropy as crossEntropyReference } from "@x/core-wasm/reference/cross-entropy";
import * as arithmeticReference from "@x/core-wasm/reference/arithmetic";
import { type Binary, broadcastShape } from "@x/core-wasm/reference/binary";
import { binaryCrossEntropy } from "@x/core-wasm/reference/binary-cross-entropy";
import * as comparisonReference from "@x/core-wasm/reference/comparison";
import { sumOfSquares } from "@x/core-wasm/reference/clip-gradient-norm";
import { fft } from "@x/core-wasm/reference/fft";
import { fourierMix as fourierMixReference } from "@x/core-wasm/reference/fourier-mix";
import * as gather from "@x/core-wasm/reference/gather";
import { interpolate } from "@x/core-wasm/reference/interpolate";
import { layerNorm as layerNormReference } from "@x/core-wasm/reference/layer-norm";
import type { Numbers } from "@x/core-wasm/reference/numbers";
import * as patches from "@x/core-wasm/reference/patchify";
import * as reduce from "@x/core-wasm/reference/reduce";
import * as rows from "@x/core-wasm/reference/softmax";
import * as unary from "@x/core-wasm/reference/unary";
import * as x from "../src/index.ts";
import type { Activation, Interpolation, MatmulOptions, PatchLayout, Shape } from "../src/index.ts";
import * as reference from "./ops.reference.ts";
import { type AttentionCase, around } from "./ops.reference.ts";
import { type Kind, type Op, row } from "./ops.row.ts";

const wrongShapes = (op: string): string =>
  `${op}: shapes must be equal or 1 on every axis, counted from the last, but a is (2, 3), b is (2, 4)`;

const not =
  (comparison: Binary): Binary =>
  (...operands) =>
    comparison(...operands).map((holds) => 1 - holds);

const { greater, greaterEqual, equal } = comparisonReference;
const comparisons = { greater, greaterEqual, equal, less: not(greaterEqual), lessEqual: not(greater), notEqual: not(equal) };
const { add, subtract, multiply, divide, maximum, minimum } = arithmeticReference;
const binaries = Object.entries({ add, subtract, multiply, divide, maximum, minimum, ...comparisons }) as [
  "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum" | keyof typeof comparisons,
  Binary,
][];
/** Two operands' kinds: for what compares them, equal ones among them. */
const kindsOf = (name: string): { a: Kind; b: Kind } => {
  if (name === "divide") return { a: "normal", b: "awayFromZero" };
  return ["add", "subtract", "multiply"].includes(name) ? { a: "normal", b: "normal" } : { a: "whole", b: "whole" };
};
const arithmetic = binaries.map(([name, f]) =>
  row<"a" | "b">({
    name,
    inputs: ["a", "b"],
    kinds: kindsOf(name),
    constants: name in comparisons ? ["a", "b"] : [],
    cases: [
      { a: [2, 3, 4], b: [2, 3, 4] },
      { a: [], b: [] },
      { a: [2, 3], b: [] },
      { a: [3], b: [4, 3] },
      { a: [4, 1], b: [1, 5] },
      { a: [2, 3, 4], b: [3, 1] },
      { a: [2, 1, 3, 1], b: [4, 1, 5] },
      { a: [2, 1, 3, 1, 2], b: [1, 4, 1, 3, 1] },
    ],
    edge: (n) => ({ a: [3, n], b: [n] }),
    run: ({ a, b }) => x[name](a, b),
    reference: ({ a, b }, shapes) => f(a, b, shapes.a, shapes.b),
    wrong: [() => x[name](x.zeros([2, 3]), x.zeros([2, 4])), wrongShapes(name)],
  }),
);

const withNumber = binaries.map(([name, f]) =>
  row<"x", { number: number; numberFirst?: boolean }>({
    name: `${name} with a number`,
    inputs: ["x"],
    kinds: { x: name === "divide" ? "awayFromZero" : kindsOf(name).a },
    constants: name in comparisons ? ["x"] : [],
    cases: [
      { x: [2, 3], number: 1 },
      { x: [2, 3], number: -1, numberFirst: true },
      { x: [], number: 0.25 },
    ],
    edge: (n) => ({ x: [n], number: 1, numberFirst: true }),
    run: (inputs, { number, numberFirst }) => (numberFirst ? x[name](number, inputs.x) : x[name](inputs.x, number)),
    reference: (inputs, { x: shape, number, numberFirst }) =>
      numberFirst ? f([number], inputs.x, [], shape) : f(inputs.x, [number], shape, []),
    wrong: [() => x[name](1, 2), `${name}: a or b must be a tensor, but they are the numbers 1 and 2`],
  }),
);

const choice = row<"condition" | "a", { number?: number }, "b">({
  name: "where",
  inputs: ["condition", "a", "b"],
  kinds: { condition: "whole" },
  constants: ["condition"],
  cases: [
    { condition: [2, 3, 4], a: [2, 3, 4], b: [2, 3, 4] },
    { condition: [3, 1], a: [4], b: [2, 1, 1] },
    { condition: [2, 1], a: [2, 3], number: -2 },
    { condition: [2, 1, 3, 1], a: [], b: [4, 1, 5] },
  ],
  edge: (n) => ({ condition: [n], a: [3, n], b: [] }),
  run: ({ condition, a, b }, { number = 0 }) => x.where(condition, a, b ?? number),
  reference: ({ condition, a, b }, { condition: shape, number = 0, ...shapes }) => {
    const bShape = shapes.b ?? [];
    const y = broadcastShape(broadcastShape(shape, shapes.a), bShape);
    const [mask, yes, no] = [
      reference.broadcastTo(condition, shape, y),
      reference.broadcastTo(a, shapes.a, y),
      reference.broadcastTo(b ?? [number], bShape, y),
    ];
    return comparisonReference.where(mask, yes, no);
  },
  wrong: [
    () => x.where(x.zeros([2, 3]), x.zeros([2, 4]), 0),
    "where: shapes must be equal or 1 on every axis, counted from the last, but a is (2, 3), b is (2, 4)",
  ],
});

const elementByElement = [
  ...x.activations.map(
    (name) =>
      ({
        name,
        f: x[name],
        g: (values: Numbers) => reference.activate(values, name),
        kind: name === "relu" ? "awayFromZero" : "normal",
      }) as const,
  ),
  ...(["exp", "log", "sqrt", "square", "negate", "abs"] as const).map(
    (name) =>
      ({
        name,
        f: x[name],
        g: unary[name],
        kind: name === "log" || name === "sqrt" ? "positive" : name === "abs" ? "awayFromZero" : "normal",
      }) as const,
  ),
].map(({ name, f, g, kind }) =>
  row<"x">({
    name,
    inputs: ["x"],
    kinds: { x: kind satisfies Kind },
    cases: [{ x: [] }, { x: [2, 3, 4] }],
    edge: (n) => ({ x: [n] }),
    run: (inputs) => f(inputs.x),
    reference: (inputs) => g(inputs.x),
  }),
);

const rowByRow = [
  row<"x", { low?: number; high?: number }>({
    name: "clamp",
    inputs: ["x"],
    cases: [
      { x: [2, 3, 4], low: -0.5, high: 0.25 },
      { x: [2, 3, 4], low: 0 },
      { x: [2, 3], low: 1, high: -1 },
    ],
    edge: (n) => ({ x: [n], low: -1, high: 1 }),
    run: (inputs, { low, high }) => x.clamp(inputs.x, low, high),
    reference: (inputs, { low = -Infinity, high = Infinity }) => unary.clamp(inputs.x, low, high),
    wrong: [() => x.clamp(x.zeros([2]), Number.NaN), "clamp: low must be a number, but is NaN"],
  }),
  row<"x", { exponent: number }>({
    name: "pow",
    inputs: ["x"],
    kinds: { x: "positive" },
    cases: [2, 3, 0.5, -1, 1, 0, 2.25].map((exponent) => ({ x: [2, 3], exponent })),
    edge: (n) => ({ x: [n], exponent: 1.5 }),
    run: (inputs, { exponent }) => x.pow(inputs.x, exponent),
    reference: (inputs, { exponent }) => unary.pow(inputs.x, exponent),
    wrong: [() => x.pow(x.zeros([2]), Number.NaN), "pow: exponent must be a number, but is NaN"],
  }),
  row<"x", { scale: number; shift: number }>({
    name: "scaleAndShift",
    inputs: ["x"],
    cases: [{ x: [2, 3], scale: -0.5, shift: 2 }],
    edge: (n) => ({ x: [n], scale: 3, shift: -1 }),
    run: (inputs, { scale, shift }) => x.scaleAndShift(inputs.x, scale, shift),
    reference: (inputs, { scale, shift }) => arithmeticReference.scaleAndShift(inputs.x, scale, shift),
  }),
  ...(["softmax", "logSoftmax"] as const).map((name) =>
    row<"x">({
      name,
      inputs: ["x"],
      cases: [{ x: [] }, { x: [2, 3, 4] }, { x: [0, 4] }],
      edge: (n) => ({ x: [3, n] }),
      run: (inputs) => x[name](inputs.x),
      reference: (inputs, shapes) => rows[name](inputs.x, shapes.x.at(-1) ?? 1),
    }),
  ),
  row<"x" | "weight" | "bias", { eps: number }>({
    name: "layerNorm",
    inputs: ["x", "weight", "bias"],
    cases: [
      { x: [2, 3, 8], weight: [8], bias: [8], eps: 1e-12 },
      { x: [4], weight: [4], bias: [4], eps: 0.1 },
      { x: [0, 4], weight: [4], bias: [4], eps: 1e-5 },
    ],
    edge: (n) => ({ x: [5, n], weight: [n], bias: [n], eps: 1e-5 }),
    run: (inputs, { eps }) => x.layerNorm(inputs.x, inputs.weight, inputs.bias, eps),
    reference: (inputs, { eps, weight }) => layerNormReference(inputs.x, inputs.weight, inputs.bias, weight[0] ?? 0, eps).y,
    wrong: [
      () => x.layerNorm(x.zeros([2, 3]), x.zeros([3]), x.zeros([4]), 1e-5),
      "layerNorm: weight and bias must be as long as x's last axis, but x is (2, 3), weight is (3,), bias is (4,)",
    ],
  }),
];

const matrices = [
  row<"a" | "b", MatmulOptions>({
    name: "matmul",
    inputs: ["a", "b"],
    cases: [
      ...[false, true].flatMap((transposeA) =>
        [false, true].flatMap((transposeB) => [
          { a: transposeA ? [4, 3] : [3, 4], b: transposeB ? [5, 4] : [4, 5], transposeA, transposeB },
          { a: transposeA ? [2, 4, 3] : [2, 3, 4], b: transposeB ? [2, 5, 4] : [2, 4, 5], transposeA, transposeB },
          { a: transposeA ? [2, 1, 4, 3] : [2, 1, 3, 4], b: transposeB ? [3, 5, 4] : [3, 4, 5], transposeA, transposeB },
        ]),
      ),
      { a: [2, 3, 4, 5], b: [5, 6] },
      { a: [4, 5], b: [3, 5, 2] },
      { a: [2, 0], b: [0, 3] },
      { a: [0, 2, 3], b: [3, 2] },
    ],
    edge: (n) => ({ a: [n, n], b: [n, n] }),
    run: ({ a, b }, options) => x.matmul(a, b, options),
    reference: ({ a, b }, options) => reference.matmul(a, b, options.a, options.b, options),
    wrong: [
      () => x.matmul(x.zeros([2, 3]), x.zeros([4, 5]), { transposeB: true }),
      "matmul: a's columns must be as many as b's rows, but a is (2, 3), b is (4, 5)",
    ],
  }),
  row<"x" | "weight", { activation?: Activation }, "bias">({
    name: "linear",
    inputs: ["x", "weight", "bias"],
    cases: [
      { x: [2, 3, 4], weight: [5, 4], bias: [5] },
      { x: [4], weight: [5, 4] },
      { x: [2, 12], weight: [5, 3, 2, 2], bias: [5] },
      { x: [0, 4], weight: [5, 4], bias: [5] },
      { x: [3, 0], weight: [2, 0], bias: [2] },
      ...x.activations.map((activation) => ({ x: [3, 9], weight: [10, 9], bias: [10], activation })),
    ],
    edge: (n) => ({ x: [n, n], weight: [n, n], bias: [n] }),
    run: (inputs, { activation }) => x.linear(inputs.x, inputs.weight, inputs.bias, activation ? { activation } : {}),
    reference: (inputs, options) =>
      reference.linear(inputs.x, inputs.weight, inputs.bias, options.x, options.weight[0] ?? 0, options.activation),
    wrong: [
      () => x.linear(x.zeros([2, 3]), x.zeros([5, 4]), x.zeros([5])),
      "linear: the last axis of x must equal the second of weight, and bias the first, but x is (2, 3), weight is (5, 4), bias is (5,)",
    ],
  }),
];

const transforms = [
  row<"x", { readonly inverse?: boolean }>({
    name: "fft",
    inputs: ["x"],
    cases: [{ x: [3, 6, 2] }, { x: [2, 2, 11, 2], inverse: true }, { x: [5, 16, 2], inverse: true }, { x: [1, 23, 2] }, { x: [0, 3, 2] }],
    edge: (n) => ({ x: [3, n, 2] }),
    sizes: [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17],
    run: (inputs, { inverse }) => x.fft(inputs.x, { inverse: inverse === true }),
    reference: (inputs, { x: shape, inverse }) => fft(inputs.x, shape.at(-2) ?? 0, inverse === true),
    wrong: [() => x.fft(x.zeros([3, 4])), "fft: x must be (…, N, 2), but x is (3, 4)"],
  }),
  row<"x">({
    name: "fourierMix",
    inputs: ["x"],
    cases: [{ x: [2, 5, 6] }, { x: [3, 16] }, { x: [2, 2, 7, 11] }, { x: [2, 30, 13] }, { x: [1, 23, 36] }, { x: [2, 0, 3] }],
    edge: (n) => ({ x: [2, n, n] }),
    sizes: [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17],
    run: (inputs) => x.fourierMix(inputs.x),
    reference: (inputs, options) => fourierMixReference(inputs.x, options.x.at(-2) ?? 0, options.x.at(-1) ?? 0),
    wrong: [() => x.fourierMix(x.zeros([3])), "fourierMix: x must be (…, N, D), but x is (3,)"],
  }),
];

/** 2 images of 4 × 4 tokens in windows of 2 × 2, shifted by one. */
const windows = [
  [5, 6, 9, 10],
  [7, 4, 11, 8],
  [13, 14, 1, 2],
  [15, 12, 3, 0],
];

const attentionOptions = ({ numHeads, scale, causal, windows: table }: AttentionCase): x.AttentionOptions => ({
  numHeads,
  ...(scale === undefined ? {} : { scale }),
  ...(causal === undefined ? {} : { causal }),
  ...(table ? { windows: x.intTensor(table) } : {}),
});

const selfAttentionWrong = "selfAttention: qkv must be (B, N, 3D) with D a multiple of 4 heads, but qkv is (2, 3, 18)";
const attentionWrong =
  "attention: query must be (B, Nq, D), key and value (B, Nk, D), with D a multiple of 2 heads, but query is (2, 3, 4), key is (2, 5, 4), value is (2, 6, 4)";

const crossAttentionWrong =
  "crossAttention: query must be (B, Nq, D), keyValue (B, Nk, 2D), with D a multiple of 2 heads, but query is (2, 3, 4), keyValue is (2, 5, 4)";

const attention = [
  row<"qkv", AttentionCase, "bias" | "mask">({
    name: "selfAttention",
    inputs: ["qkv", "bias", "mask"],
    kinds: { mask: "mask" },
    constants: ["mask"],
    cases: [
      { qkv: [2, 5, 18], numHeads: 2 },
      { qkv: [2, 5, 18], numHeads: 1, scale: 0.7 },
      { qkv: [3, 4, 24], numHeads: 8, causal: true },
      { qkv: [2, 5, 24], numHeads: 2, bias: [2, 5, 5] },
      { qkv: [4, 5, 24], numHeads: 2, mask: [1, 1, 5] },
      { qkv: [4, 5, 24], numHeads: 2, mask: [4, 5, 5] },
      { qkv: [4, 5, 24], numHeads: 2, mask: [2, 5, 5], bias: [2, 5, 5], causal: true },
      { qkv: [2, 16, 24], numHeads: 2, windows },
      { qkv: [2, 16, 24], numHeads: 2, windows, bias: [2, 4, 4], mask: [4, 4, 4] },
      { qkv: [1, 3, 99], numHeads: 1 },
    ],
    edge: (n) => ({ qkv: [2, n, 12], numHeads: 2 }),
    run: ({ qkv, bias, mask }, options) =>
      x.selfAttention(qkv, { ...attentionOptions(options), ...(bias && { bias }), ...(mask && { mask }) }),
    reference: ({ qkv, bias, mask }, options) => {
      const [batch = 0, length = 0, triple = 0] = options.qkv;
      const parts = { ...reference.unpacked(qkv, triple / 3), ...(bias && { bias }), ...(mask && { mask }) };
      return reference.attention(parts, [batch, length, triple / 3], length, options.mask ?? [], options);
    },
    wrong: [() => x.selfAttention(x.zeros([2, 3, 18]), { numHeads: 4 }), selfAttentionWrong],
  }),
  ...(["attention", "explicitAttention"] as const).map((name) =>
    row<"query" | "key" | "value", Omit<AttentionCase, "windows">, "bias" | "mask">({
      name,
      inputs: ["query", "key", "value", "bias", "mask"],
      kinds: { mask: "mask" },
      constants: ["mask"],
      cases: [
        { query: [2, 3, 6], key: [2, 5, 6], value: [2, 5, 6], numHeads: 2 },
        { query: [2, 3, 6], key: [2, 5, 6], value: [2, 5, 6], numHeads: 3, causal: true },
        { query: [4, 3, 6], key: [4, 5, 6], value: [4, 5, 6], numHeads: 2, mask: [2, 1, 5] },
        { query: [4, 3, 6], key: [4, 5, 6], value: [4, 5, 6], numHeads: 2, mask: [4, 3, 5], bias: [2, 3, 5], scale: 0.3 },
        { query: [1, 1, 17], key: [1, 17, 17], value: [1, 17, 17], numHeads: 1 },
      ],
      edge: (n) => ({ query: [2, n, 8], key: [2, n, 8], value: [2, n, 8], numHeads: 2, causal: true }),
      run: ({ query, key, value, bias, mask }, options) => {
        const all = { ...attentionOptions(options), ...(bias && { bias }), ...(mask && { mask }) };
        return name === "attention" ? x.attention(query, key, value, all) : x.explicitAttention(query, key, value, all).output;
      },
      reference: (parts, options) => reference.attention(parts, options.query, options.key[1] ?? 0, options.mask ?? [], options),
      ...(name === "attention"
        ? { wrong: [() => x.attention(x.zeros([2, 3, 4]), x.zeros([2, 5, 4]), x.zeros([2, 6, 4]), { numHeads: 2 }), attentionWrong] }
        : {}),
    }),
  ),
  ...(["crossAttention", "explicitCrossAttention"] as const).map((name) =>
    row<"query" | "keyValue", Omit<AttentionCase, "windows"> & { keyCount?: number }, "bias" | "mask">({
      name,
      inputs: ["query", "keyValue", "bias", "mask"],
      kinds: { mask: "mask" },
      constants: ["mask"],
      cases: [
        { query: [2, 3, 6], keyValue: [2, 5, 12], numHeads: 2 },
        { query: [2, 3, 6], keyValue: [2, 7, 12], numHeads: 3, keyCount: 5, causal: true },
        { query: [4, 1, 6], keyValue: [4, 5, 12], numHeads: 2, keyCount: 4, mask: [2, 1, 4], bias: [2, 1, 4], scale: 0.3 },
      ],
      edge: (n) => ({ query: [2, n, 8], keyValue: [2, n, 16], numHeads: 2, causal: true }),
      run: ({ query, keyValue, bias, mask }, { keyCount, ...options }) => {
        const all = {
          ...attentionOptions(options),
          ...(bias && { bias }),
          ...(mask && { mask }),
          ...(keyCount !== undefined && { keyCount }),
        };
        return name === "crossAttention" ? x.crossAttention(query, keyValue, all) : x.explicitCrossAttention(query, keyValue, all).output;
      },
      reference: ({ keyValue, ...parts }, options) => {
        const { keyCount = options.keyValue[1] ?? 0 } = options;
        const all = { ...parts, ...reference.unpackedKeyValue(keyValue, options.keyValue, keyCount) };
        return reference.attention(all, options.query, keyCount, options.mask ?? [], options);
      },
      ...(name === "crossAttention"
        ? { wrong: [() => x.crossAttention(x.zeros([2, 3, 4]), x.zeros([2, 5, 4]), { numHeads: 2 }), crossAttentionWrong] }
        : {}),
    }),
  ),
];

const picking = [
  row<"table", { ids: x.NestedNumbers }>({
    name: "embedding",
    inputs: ["table"],
    cases: [
      {
        table: [5, 4],
        ids: [
          [0, 4, 2],
          [2, 2, 1],
        ],
      },
      { table: [5, 4], ids: [] },
    ],
    edge: (n) => ({ table: [3, n], ids: [2, 0, 2, 1] }),
    run: ({ table }, { ids }) => x.embedding(x.intTensor(ids), table),
    reference: ({ table }, options) => gather.gatherRows(table, flat(options.ids), options.table[1] ?? 0),
    wrong: [
      () =>
        x.embedding(
          x.intTensor([
            [1, 2],
            [3, 1],
          ]),
          x.zeros([3, 2]),
        ),
      "embedding: ids go from 0 to 2, but id 2 is 3",
    ],
  }),
  row<"x", { ids: readonly (readonly number[])[] }>({
    name: "gatherTokens",
    inputs: ["x"],
    cases: [
      {
        x: [2, 4, 3],
        ids: [
          [3, 0],
          [1, 1],
        ],
      },
    ],
    edge: (n) => ({
      x: [2, 4, n],
      ids: [
        [3, 0],
        [1, 1],
      ],
    }),
    run: (inputs, { ids }) => x.gatherTokens(inputs.x, x.intTensor(ids)),
    reference: (inputs, { x: [, tokens = 0, columns = 0], ids }) =>
      gather.gatherTokens(inputs.x, ids.flat(), tokens, ids[0]?.length ?? 0, columns),
    wrong: [
      () => x.gatherTokens(x.zeros([2, 4, 3]), x.intTensor([[0, 1]])),
      "gatherTokens: x must be (B, N, D) and ids (B, K), but x is (2, 4, 3), ids is (1, 2)",
    ],
  }),
];

function flat(values: x.NestedNumbers): number[] {
  return typeof values === "number" ? [values] : values.flatMap(flat);
}

const moving = [
  row<"x", { axes: readonly number[] }>({
    name: "permute",
    inputs: ["x"],
    cases: [
      { x: [2, 3, 4], axes: [0, 2, 1] },
      { x: [2, 3, 4], axes: [2, 0, 1] },
      { x: [2, 3, 1, 2, 2, 3], axes: [5, 3, 1, 4, 2, 0] },
      { x: [], axes: [] },
    ],
    edge: (n) => ({ x: [3, n, 2], axes: [1, 2, 0] }),
    run: (inputs, { axes }) => x.permute(inputs.x, axes),
    reference: (inputs, options) => reference.permute(inputs.x, options.x, options.axes),
    wrong: [() => x.permute(x.zeros([2, 3]), [0, 0]), "permute: axes must order the 2 axes 0…1 (six at most), but are [0, 0]"],
  }),
  row<"x", { first: number; second: number }>({
    name: "transpose",
    inputs: ["x"],
    cases: [
      { x: [2, 3, 4], first: -2, second: -1 },
      { x: [2, 3, 4], first: 0, second: 2 },
    ],
    edge: (n) => ({ x: [n, 3], first: 0, second: 1 }),
    run: (inputs, { first, second }) => x.transpose(inputs.x, first, second),
    reference: (inputs, { x: shape, first, second }) => {
      const axes = shape.map((_, axis) => axis);
      return reference.permute(inputs.x, shape, axes.with(first, axes.at(second) ?? 0).with(second, axes.at(first) ?? 0));
    },
    wrong: [() => x.transpose(x.zeros([2, 3]), 0, 2), "permute: axes must order the 2 axes 0…1 (six at most), but are [2, 1, 0]"],
  }),
  row<"x", { axis: number; begin: number; end: number }>({
    name: "slice",
    inputs: ["x"],
    cases: [
      { x: [4, 3], axis: 0, begin: 1, end: 3 },
      { x: [2, 4, 3], axis: 1, begin: 1, end: 4 },
      { x: [2, 4, 3], axis: 2, begin: 0, end: 2 },
      { x: [1, 4, 3], axis: 1, begin: 2, end: 2 },
    ],
    edge: (n) => ({ x: [3, n + 1], axis: 1, begin: 0, end: n }),
    run: (inputs, { axis, begin, end }) => x.slice(inputs.x, axis, begin, end),
    reference: (inputs, { x: shape, axis, begin, end }) => reference.slice(inputs.x, shape, axis, begin, end),
    wrong: [() => x.slice(x.zeros([2, 3]), 1, 1, 4), "slice: 1 to 4 does not lie in axis 1, of length 3"],
  }),
  row<"a" | "b" | "c", { axis: number }>({
    name: "concat",
    inputs: ["a", "b", "c"],
    cases: [
      { a: [2, 3], b: [1, 3], c: [3, 3], axis: 0 },
      { a: [2, 1, 3], b: [2, 4, 3], c: [2, 2, 3], axis: 1 },
      { a: [2, 3], b: [2, 0], c: [2, 1], axis: 1 },
    ],
    edge: (n) => ({ a: [2, n], b: [2, 1], c: [2, n], axis: 1 }),
    run: ({ a, b, c }, { axis }) => x.concat([a, b, c], axis),
    reference: ({ a, b, c }, s) =>
      reference.concat(
        [
          { x: a, shape: s.a },
          { x: b, shape: s.b },
          { x: c, shape: s.c },
        ],
        s.axis,
      ),
    wrong: [() => x.concat([x.zeros([2, 3]), x.zeros([1, 4])], 0), "concat: shapes may differ on axis 0 only, but are (2, 3) and (1, 4)"],
  }),
  row<"a" | "b" | "c", { axis: number }>({
    name: "stack",
    inputs: ["a", "b", "c"],
    cases: [0, 1, -1].map((axis) => ({ a: [2, 3], b: [2, 3], c: [2, 3], axis })),
    edge: (n) => ({ a: [2, n], b: [2, n], c: [2, n], axis: 1 }),
    run: ({ a, b, c }, { axis }) => x.stack([a, b, c], axis),
    reference: ({ a, b, c }, { a: shape, axis }) => {
      const along = axis < 0 ? axis + shape.length + 1 : axis;
      const widened = shape.toSpliced(along, 0, 1);
      return reference.concat(
        [a, b, c].map((part) => ({ x: part, shape: widened })),
        along,
      );
    },
    wrong: [() => x.stack([x.zeros([2]), x.zeros([3])], 0), "stack: all tensors must have one shape, but first is (2,), another is (3,)"],
  }),
  row<"x", { sizes: number | readonly number[]; axis: number }>({
    name: "split",
    inputs: ["x"],
    cases: [
      { x: [5, 3], sizes: 2, axis: 0 },
      { x: [2, 6, 3], sizes: [1, 2, 3], axis: 1 },
      { x: [2, 6], sizes: 3, axis: -1 },
    ],
    edge: (n) => ({ x: [2, n], sizes: [0, n], axis: 1 }),
    run: (inputs, { sizes, axis }) => x.concat(x.split(inputs.x, sizes, axis).reverse(), axis),
    reference: (inputs, { x: shape, sizes, axis }) => {
      const along = axis < 0 ? axis + shape.length : axis;
      const length = shape[along] ?? 0;
      const ends =
        typeof sizes === "number"
          ? Array.from({ length: Math.ceil(length / sizes) }, (_, i) => Math.min(length, (i + 1) * sizes))
          : sizes.map((_, i) => reference.total(sizes.slice(0, i + 1)));
      const parts = ends.map((end, i) => ({
        x: reference.slice(inputs.x, shape, along, ends[i - 1] ?? 0, end),
        shape: shape.with(along, end - (ends[i - 1] ?? 0)),
      }));
      return reference.concat(parts.reverse(), along);
    },
    wrong: [() => x.split(x.zeros([2, 3]), [1, 1], 1), "split: sizes must add up to 3, axis 1's length, but add up to 2"],
  }),
  row<"x", { first: number }>({
    name: "flatten",
    inputs: ["x"],
    cases: [0, 1, -1].map((first) => ({ x: [2, 3, 4], first })),
    run: (inputs, { first }) => x.flatten(inputs.x, first),
    reference: (inputs) => inputs.x,
    wrong: [() => x.flatten(x.zeros([2, 3]), 2), "flatten: there is no axis 2 in (2, 3)"],
  }),
  row<"x", { axis: number }>({
    name: "squeeze",
    inputs: ["x"],
    cases: [1, -2].map((axis) => ({ x: [2, 1, 3], axis })),
    run: (inputs, { axis }) => x.squeeze(inputs.x, axis),
    reference: (inputs) => inputs.x,
    wrong: [() => x.squeeze(x.zeros([2, 3]), 1), "squeeze: axis 1 must have length 1, but x is (2, 3)"],
  }),
  row<"x", { axis: number }>({
    name: "unsqueeze",
    inputs: ["x"],
    cases: [0, 1, -1].map((axis) => ({ x: [2, 3], axis })),
    run: (inputs, { axis }) => x.unsqueeze(inputs.x, axis),
    reference: (inputs) => inputs.x,
    wrong: [() => x.unsqueeze(x.zeros([2, 3]), 3), "unsqueeze: there is no axis 3 in (2, 3, 1)"],
  }),
  row<"x", { shape: Shape }>({
    name: "broadcastTo",
    inputs: ["x"],
    cases: [
      { x: [3], shape: [2, 3] },
      { x: [2, 1, 3], shape: [4, 2, 5, 3] },
      { x: [], shape: [2, 3] },
      { x: [2, 1, 1, 3, 1, 2], shape: [2, 3, 2, 3, 2, 2] },
    ],
    edge: (n) => ({ x: [3, 1], shape: [3, n] }),
    run: (inputs, { shape }) => x.broadcastTo(inputs.x, shape),
    reference: (inputs, options) => reference.broadcastTo(inputs.x, options.x, options.shape),
    wrong: [
      () => x.broadcastTo(x.zeros([2, 3]), [1, 3]),
      "broadcastTo: x's lengths must equal shape's or be 1, and the axes six at most, but x is (2, 3), shape is (1, 3)",
    ],
  }),
  row<"x", { shape: Shape }>({
    name: "reshape",
    inputs: ["x"],
    cases: [
      { x: [2, 3, 4], shape: [4, -1] },
      { x: [1, 1], shape: [] },
    ],
    edge: (n) => ({ x: [n, 2], shape: [2, n] }),
    run: (inputs, { shape }) => x.reshape(inputs.x, shape),
    reference: (inputs) => inputs.x,
    wrong: [
      () => x.reshape(x.zeros([2, 3]), [4, -1]),
      "reshape: the number of elements must stay the same, but x is (2, 3), shape is (4, -1)",
    ],
  }),
];

const reducers = ["sum", "mean", "max", "min"] as const;

const reductions = reducers.map((name) =>
  row<"x", { axis: number }>({
    name,
    inputs: ["x"],
    cases: [
      { x: [2, 3, 4], axis: 0 },
      { x: [2, 3, 4], axis: 1 },
      { x: [2, 3, 4], axis: -1 },
      { x: [4], axis: 0 },
      { x: [0, 3], axis: 1 },
    ],
    edge: (n) => ({ x: [3, n, 2], axis: 1 }),
    sizes: name === "sum" ? [0, 1, 3, 4, 5, 17, 65] : [1, 3, 4, 5, 17, 65],
    run: (inputs, { axis }) => x[name](inputs.x, axis),
    reference: (inputs, { x: shape, axis }) => {
      const { outer, length, inner } = around(shape, axis < 0 ? axis + shape.length : axis);
      return length === 0 ? new Float64Array(outer * inner) : reduce[name](inputs.x, length, inner);
    },
    wrong: [() => x[name](x.zeros([2, 3]), 2), `${name}: there is no axis 2 in (2, 3)`],
  }),
);

const overAxes = reducers.map((name) =>
  row<"x", { axes: readonly number[]; keepAxes?: boolean }>({
    name: `${name} over axes`,
    inputs: ["x"],
    cases: [
      { x: [2, 3, 4], axes: [1, 2] },
      { x: [2, 3, 4], axes: [-1, 0] },
      { x: [2, 3, 4], axes: [2, 0], keepAxes: true },
      { x: [2, 3, 4], axes: [1], keepAxes: true },
      { x: [2, 3, 2, 4], axes: [1, 3] },
    ],
    edge: (n) => ({ x: [2, n, 3], axes: [0, 2] }),
    run: (inputs, { axes, keepAxes }) => x[name](inputs.x, axes, { keepAxes }),
    reference: (inputs, { x: shape, axes }) => {
      const gone = axes.map((axis) => (axis < 0 ? axis + shape.length : axis)).sort();
      const left = [...shape.keys()].filter((axis) => !gone.includes(axis));
      const length = reference.product(gone.map((axis) => shape[axis] ?? 1));
      return reduce[name](reference.permute(inputs.x, shape, [...left, ...gone]), length, 1);
    },
    wrong: [() => x[name](x.zeros([2, 3]), [1, -1]), `${name}: axes must name an axis or more, and none twice, but are [1, -1]`],
  }),
);

const overEverything = reducers.map((name) =>
  row<"x">({
    name: `${name} of all`,
    inputs: ["x"],
    cases: [{ x: [2, 3, 4] }, { x: [] }],
    edge: (n) => ({ x: [n, 5] }),
    sizes: [1, 3, 4, 5, 17, 65],
    run: (inputs) => x[name](inputs.x),
    reference: (inputs) => reduce[name](inputs.x, inputs.x.length, 1),
  }),
);

const layouts = ["channelsFirst", "channelsLast"] as const satisfies readonly PatchLayout[];

const images = [
  row<"images", { patchSize: number; layout: PatchLayout }>({
    name: "patchify",
    inputs: ["images"],
    cases: layouts.flatMap((layout) => [
      { images: [2, 3, 4, 6], patchSize: 2, layout },
      { images: [0, 3, 4, 4], patchSize: 4, layout },
    ]),
    edge: (n) => ({ images: [1, 2, n, 2 * n], patchSize: n, layout: "channelsLast" }),
    sizes: [1, 3, 4, 5, 17],
    run: (inputs, { patchSize, layout }) => x.patchify(inputs.images, patchSize, layout),
    reference: (inputs, { images: [, channels = 0, height = 0, width = 0], patchSize, layout }) =>
      patches.patchify(inputs.images, channels, height, width, patchSize, layout),
    wrong: [
      () => x.patchify(x.zeros([1, 3, 4, 5]), 2),
      "patchify: images must be (B, C, H, W) with H and W multiples of 2, but images is (1, 3, 4, 5)",
    ],
  }),
  row<"patches", { patchSize: number; height: number; width: number; layout: PatchLayout }>({
    name: "unpatchify",
    inputs: ["patches"],
    cases: layouts.map((layout) => ({ patches: [2, 6, 12], patchSize: 2, height: 4, width: 6, layout })),
    edge: (n) => ({ patches: [1, 2, 2 * n * n], patchSize: n, height: n, width: 2 * n, layout: "channelsFirst" }),
    sizes: [1, 3, 4, 5, 17],
    run: (inputs, { patchSize, height, width, layout }) => x.unpatchify(inputs.patches, patchSize, height, width, layout),
    reference: (inputs, { patches: [, , length = 0], patchSize, height, width, layout }) =>
      patches.unpatchify(inputs.patches, length / patchSize ** 2, height, width, patchSize, layout),
    wrong: [() => x.unpatchify(x.zeros([1, 5, 12]), 2, 4, 6), "unpatchify: patches must be (B, 6, C·2·2), but patches is (1, 5, 12)"],
  }),
  row<"x", { axis: number; length: number; mode: Interpolation; scale?: number }>({
    name: "interpolate",
    inputs: ["x"],
    cases: (["linear", "cubic", "cubicAntialias"] as const).flatMap((mode) => [
      { x: [2, 4, 3], axis: 1, length: 7, mode },
      { x: [2, 9, 3], axis: 1, length: 4, mode },
      { x: [7, 5], axis: 0, length: 10, mode, scale: 7 / 10.1 },
      { x: [3, 1, 2], axis: 1, length: 5, mode },
      { x: [3, 17, 2], axis: 1, length: 1, mode },
      { x: [2, 5, 3], axis: 1, length: 5, mode },
    ]),
    edge: (n) => ({ x: [2, n, 2], axis: 1, length: 6, mode: "cubic" }),
    sizes: [1, 3, 4, 5, 17, 65],
    run: (inputs, { axis, length, mode, scale }) => x.interpolate(inputs.x, axis, length, mode, scale),
    reference: (inputs, { x: shape, axis, length, mode, scale }) => {
      const { length: from, inner } = around(shape, axis);
      return interpolate(inputs.x, from, length, inner, scale ?? from / length, mode);
    },
    wrong: [() => x.interpolate(x.zeros([2, 3]), 2, 5, "cubic"), "interpolate: there is no axis 2 in (2, 3)"],
  }),
  row<"x", { height: number; width: number; mode: Interpolation }>({
    name: "interpolate an image",
    inputs: ["x"],
    cases: (["linear", "cubic", "cubicAntialias"] as const).map((mode) => ({ x: [1, 4, 6, 3], height: 7, width: 3, mode })),
    run: (inputs, { height, width, mode }) => x.interpolate(x.interpolate(inputs.x, 1, height, mode), 2, width, mode),
    reference: (inputs, { x: [, rowCount = 0, columns = 0, depth = 0], height, width, mode }) => {
      const down = interpolate(inputs.x, rowCount, height, columns * depth, rowCount / height, mode);
      return interpolate(down, columns, width, depth, columns / width, mode);
    },
  }),
];

const statistics = { x: [2, 3, 2, 4], weight: [3], bias: [3], eps: 1e-5 } as const;

const convolutions = [
  row<"x" | "weight", x.ConvOptions, "bias">({
    name: "conv2d",
    inputs: ["x", "weight", "bias"],
    cases: [
      { x: [2, 3, 5, 6], weight: [4, 3, 3, 3] },
      { x: [2, 3, 5, 6], weight: [4, 3, 3, 3], bias: [4], stride: 2, padding: 1 },
      { x: [3, 4, 3, 3], weight: [5, 4, 1, 1], bias: [5] },
      { x: [2, 4, 5, 5], weight: [3, 4, 1, 1], stride: 2 },
      { x: [1, 1, 4, 4], weight: [2, 1, 2, 2], stride: 3, padding: 3 },
      { x: [0, 2, 4, 4], weight: [2, 2, 3, 3], bias: [2] },
    ],
    edge: (n) => ({ x: [1, 2, n, 4], weight: [n, 2, 3, 3], padding: 1 }),
    sizes: [1, 3, 4, 5, 17],
    run: (inputs, options) => x.conv2d(inputs.x, inputs.weight, inputs.bias, options),
    reference: (inputs, { x: shape, weight: [outChannels = 0, , kernel = 1], stride = 1, padding = 0 }) =>
      reference.conv2d(inputs.x, inputs.weight, inputs.bias, shape, outChannels, kernel, stride, padding),
    wrong: [
      () => x.conv2d(x.zeros([1, 3, 4, 4]), x.zeros([2, 4, 3, 3])),
      "conv2d: x must be (B, C, H, W), weight (out, C, K, K), bias (out), and K fit into the image with stride 1 and padding 0, but x is (1, 3, 4, 4), weight is (2, 4, 3, 3)",
    ],
  }),
  row<"x", { kernelSize: number }>({
    name: "averagePool2d",
    inputs: ["x"],
    cases: [
      { x: [2, 3, 4, 6], kernelSize: 2 },
      { x: [1, 2, 5, 7], kernelSize: 3 },
      { x: [1, 2, 3, 3], kernelSize: 1 },
    ],
    edge: (n) => ({ x: [1, 2, 4, n], kernelSize: 2 }),
    sizes: [3, 4, 5, 17],
    run: (inputs, { kernelSize }) => x.averagePool2d(inputs.x, kernelSize),
    reference: (inputs, { x: [batch = 0, channels = 0, height = 0, width = 0], kernelSize }) =>
      averagePool(inputs.x, batch * channels, height, width, kernelSize),
    wrong: [
      () => x.averagePool2d(x.zeros([3, 4, 4]), 2),
      "averagePool2d: x must be (B, C, H, W) and 2 a whole number from 1 on, but x is (3, 4, 4)",
    ],
  }),
  row<"x" | "weight" | "bias" | "mean" | "variance", { eps: number }>({
    name: "batchNorm",
    inputs: ["x", "weight", "bias", "mean", "variance"],
    kinds: { variance: "positive" },
    constants: ["mean", "variance"],
    cases: [
      { ...statistics, mean: [3], variance: [3] },
      { x: [4, 2], weight: [2], bias: [2], mean: [2], variance: [2], eps: 0.1 },
    ],
    edge: (n) => ({ x: [2, 3, n], weight: [3], bias: [3], mean: [3], variance: [3], eps: 1e-5 }),
    run: ({ x: input, weight, bias, mean, variance }, { eps }) => x.batchNorm(input, weight, bias, { mean, variance }, eps),
    reference: (inputs, { x: [, channels = 0, ...rest], eps }) =>
      batchNormReference.batchNorm(
        inputs.x,
        inputs.mean,
        inputs.variance,
        inputs.weight,
        inputs.bias,
        channels,
        reference.product(rest),
        eps,
      ),
    wrong: [
      () => x.batchNorm(x.zeros([1, 3, 2]), x.zeros([3]), x.zeros([2]), { mean: x.zeros([3]), variance: x.zeros([3]) }, 1e-5),
      "batchNorm: x must be (B, C, …) and all others (C), but x is (1, 3, 2), weight is (3,), bias is (2,), mean is (3,), variance is (3,)",
    ],
  }),
  row<"x" | "weight" | "bias", { eps: number }>({
    name: "batchNormTraining",
    inputs: ["x", "weight", "bias"],
    cases: [statistics, { x: [4, 2], weight: [2], bias: [2], eps: 0.1 }],
    edge: (n) => ({ x: [2, 3, n], weight: [3], bias: [3], eps: 1e-2 }),
    sizes: [1, 3, 4, 5, 17],
    run: (inputs, { eps }) => x.batchNormTraining(inputs.x, inputs.weight, inputs.bias, eps).y,
    reference: (inputs, { x: [, channels = 0, ...rest], eps }) => {
      const size = reference.product(rest);
      const { mean, variance } = batchNormReference.batchNormStatistics(inputs.x, channels, size);
      return batchNormReference.batchNorm(inputs.x, mean, variance, inputs.weight, inputs.bias, channels, size, eps);
    },
    wrong: [
      () => x.batchNormTraining(x.zeros([2, 3]), x.zeros([2]), x.zeros([3]), 1e-5),
      "batchNormTraining: x must be (B, C, …) and all others (C), but x is (2, 3), weight is (2,), bias is (3,), mean is (3,), variance is (3,)",
    ],
  }),
  row<"x">({
    name: "normalize",
    inputs: ["x"],
    cases: [{ x: [4] }, { x: [2, 3, 4] }, { x: [0, 4] }],
    edge: (n) => ({ x: [3, n] }),
    sizes: [1, 3, 4, 5, 17, 65],
    run: (inputs) => x.normalize(inputs.x),
    reference: (inputs, { x: shape }) => reference.normalize(inputs.x, shape.at(-1) ?? 1),
  }),
];

const tokens: Shape = [2, 3, 5];
const labels = [
  [4, 0, 1],
  [-100, 3, -100],
];

interface LossCase {
  readonly labels: x.NestedNumbers;
  readonly labelSmoothing?: number;
  readonly ignoreIndex?: number;
}

const losses = [
  ...(["crossEntropy", "crossEntropyPerRow"] as const).map((name) =>
    row<"logits", LossCase>({
      name,
      inputs: ["logits"],
      cases: [
        { logits: [3, 4], labels: [3, 0, 2] },
        { logits: [3, 4], labels: [3, 0, 2], labelSmoothing: 0.1 },
        { logits: tokens, labels },
        { logits: tokens, labels, labelSmoothing: 0.2 },
        {
          logits: tokens,
          labels: [
            [0, 4, 1],
            [0, 0, 2],
          ],
          ignoreIndex: 0,
          labelSmoothing: 0.2,
        },
        { logits: [3, 4], labels: [1, 1, 1], labelSmoothing: 1 },
      ],
      edge: (n) => ({ logits: [2, n], labels: [0, n - 1], labelSmoothing: 0.1 }),
      sizes: [1, 3, 4, 5, 17, 65],
      run: ({ logits }, { labels: ids, ...options }) => x[name](logits, x.intTensor(ids), options),
      reference: ({ logits }, { logits: shape, labels: ids, labelSmoothing = 0, ignoreIndex = -100 }) => {
        const perRow: number[] = [...crossEntropyReference(logits, flat(ids), shape.at(-1) ?? 1, ignoreIndex, labelSmoothing).loss];
        const counted = flat(ids).filter((label) => label !== ignoreIndex).length;
        return name === "crossEntropy" ? [reference.total(perRow) / counted] : perRow;
      },
      wrong: [
        () => x[name](x.zeros([2, 3]), x.intTensor([1, 2, 0])),
        "crossEntropy: labels must have logits' shape without the last axis, but logits is (2, 3), labels is (3,)",
      ],
    }),
  ),
  row<"logits" | "targets">({
    name: "binaryCrossEntropy",
    inputs: ["logits", "targets"],
    kinds: { targets: "share" },
    cases: [
      { logits: [2, 3], targets: [2, 3] },
      { logits: [], targets: [] },
    ],
    edge: (n) => ({ logits: [n], targets: [n] }),
    sizes: [1, 3, 4, 5, 17, 65],
    run: ({ logits, targets }) => x.binaryCrossEntropy(logits, targets),
    reference: ({ logits, targets }) => [reference.total(binaryCrossEntropy(logits, targets)) / logits.length],
    wrong: [
      () => x.binaryCrossEntropy(x.zeros([2, 3]), x.zeros([3])),
      "binaryCrossEntropy: logits and targets must have one shape, but logits is (2, 3), targets is (3,)",
    ],
  }),
  row<"prediction" | "target">({
    name: "meanSquaredError",
    inputs: ["prediction", "target"],
    cases: [
      { prediction: [2, 3], target: [2, 3] },
      { prediction: [2, 3], target: [3] },
    ],
    edge: (n) => ({ prediction: [n], target: [n] }),
    sizes: [1, 3, 4, 5, 17, 65],
    run: ({ prediction, target }) => x.meanSquaredError(prediction, target),
    reference: ({ prediction, target }, shapes) => {
      const difference = arithmeticReference.subtract(prediction, target, shapes.prediction, shapes.target);
      return [sumOfSquares(difference) / difference.length];
    },
    wrong: [() => x.meanSquaredError(x.zeros([2, 3]), x.zeros([2, 4])), wrongShapes("subtract")],
  }),
];

export const ops: readonly Op[] = [
  ...arithmetic,
  ...withNumber,
  choice,
  ...elementByElement,
  ...rowByRow,
  ...matrices,
  ...transforms,
  ...attention,
  ...picking,
  ...moving,
  ...reductions,
  ...overAxes,
  ...overEverything,
  ...images,
  ...convolutions,
  ...losses,
];
