import { linear, matmul, noGrad, Parameter, tensor } from "@x/layers";
import type { Case, Contender, Suite } from "../case.ts";
import { OnnxGraph } from "../onnx/graph.ts";
import { normal, transposed } from "../random.ts";
import { engine } from "@x/layers/model";
import { roofline } from "../roofline.ts";

/** (M, K) · (K, N) → (M, N) */
type Size = readonly [m: number, k: number, n: number];

/** Linear layers of BERT-base at 128 tokens, ViT-B/16 on one image and on eight, MiniLM at 16 tokens; then two squarer ones. */
const sizes: readonly Size[] = [
  [128, 768, 768],
  [128, 768, 3072],
  [128, 3072, 768],
  [197, 768, 768],
  [197, 768, 3072],
  [197, 3072, 768],
  [1576, 768, 3072],
  [16, 384, 1536],
  [512, 768, 768],
  [1024, 1024, 1024],
];

/** What gradients multiply: A·Bᵀ for inputs, Aᵀ·B for weights. */
const gradientSizes: readonly Size[] = [
  [512, 768, 768],
  [512, 3072, 768],
  [768, 512, 3072],
  [1024, 1024, 1024],
];

const quickSizes: readonly Size[] = [[16, 64, 96]];

export const matmulSuite: Suite = ({ quick, threads }) => [
  ...(quick ? quickSizes : sizes).flatMap((size) => [linearCase(size), rooflineCase(size, threads)]),
  ...(quick ? quickSizes : gradientSizes).flatMap((size) => [transposedCase(size, "A·Bᵀ"), transposedCase(size, "Aᵀ·B")]),
];

const flopsOf = ([m, k, n]: Size): number => 2 * m * k * n;
const tolerance = 1e-5;

/** x · weight with a constant weight, as in inference. */
function linearCase(size: Size): Case {
  const [m, k, n] = size;
  return {
    name: `matmul ${size.join("×")}`,
    flops: flopsOf(size),
    thorough: m > 128,
    tolerance,
    prepare: () => {
      const [x, weight] = [normal(m * k, 1), normal(k * n, 2)]; // weight (K, N)
      const parameter = constant(weight, k, n);
      return {
        ours: {
          name: "ours",
          run: () => noGrad(() => linear(tensor(x, [m, k]), parameter).toTypedArray()),
          dispose: () => parameter.dispose(),
        },
        onnx: {
          inputs: { x: { dims: [m, k], data: x } },
          model: () => {
            const graph = new OnnxGraph();
            graph.output(graph.op("MatMul", [graph.input("x", [m, k]), graph.weight("weight", [k, n], weight)]), "y", [m, n]);
            return graph.toBytes();
          },
        },
        tensorFlow: (tf) => {
          const b = tf.tensor2d(weight, [k, n]);
          return () => tf.matMul(tf.tensor2d(x, [m, k]), b);
        },
      };
    },
  };
}

/** The same with x where the kernel wants it and the result left there, against what the cores can do at most. */
function rooflineCase(size: Size, threads: number): Case {
  const [m, k, n] = size;
  return {
    name: `matmul ${size.join("×")}, in place`,
    flops: flopsOf(size),
    thorough: true,
    tolerance,
    prepare: () => {
      const parameter = constant(normal(k * n, 2), k, n);
      const x = tensor(normal(m * k, 1), [m, k]);
      const run = (): undefined => noGrad(() => void linear(x, parameter));
      const dispose = (): void => {
        x.dispose();
        parameter.dispose();
      };
      return { ours: { name: "ours", run, dispose }, baselines: [roofline(flopsOf(size), threads, engine().simd)] };
    },
  };
}

/** A product with a transposed operand against A·B of the same shape, both operands fresh as in training. */
function transposedCase(size: Size, form: "A·Bᵀ" | "Aᵀ·B"): Case {
  const [m, k, n] = size;
  return {
    name: `matmul ${form} ${size.join("×")}`,
    flops: flopsOf(size),
    thorough: true,
    tolerance,
    prepare: () => {
      const [a, b] = [normal(m * k, 1), normal(k * n, 2)];
      const [left, right] = [tensor(a, [m, k]), tensor(b, [k, n])];
      const [leftTransposed, rightTransposed] = [tensor(transposed(a, m, k), [k, m]), tensor(transposed(b, k, n), [n, k])];
      const multiply =
        form === "A·Bᵀ"
          ? () => matmul(left, rightTransposed, { transposeB: true })
          : () => matmul(leftTransposed, right, { transposeA: true });
      const contender = (name: string, product: typeof multiply): Contender => ({
        name,
        run: () => noGrad(() => product().toTypedArray()),
      });
      const dispose = (): void => {
        for (const operand of [left, right, leftTransposed, rightTransposed]) operand.dispose();
      };
      return {
        ours: { ...contender("ours", multiply), dispose },
        baselines: [contender("self A·B", () => matmul(left, right))],
      };
    },
  };
}

/** weight (K, N) → a parameter (N, K), which `linear` packs once. */
function constant(weight: Float32Array, k: number, n: number): Parameter {
  const parameter = new Parameter([n, k]);
  parameter.data.set(transposed(weight, k, n));
  return parameter;
}
