import { fftPlan, fourierMixPanelsLength } from "@x/core-wasm";
import { fourierMix, matmul, noGrad, subtract, tensor, type Tensor } from "@x/layers";
import { engine } from "@x/layers/model";
import type { Case, Contender, Suite } from "../case.ts";
import { OnnxGraph } from "../onnx/graph.ts";
import { pffftMixing, pffftRows, pffftTakes } from "../pffft.ts";
import { normal } from "../random.ts";

/** One after the other in a run, so that copying into and out of a library doesn't drown the work. */
const DEPTH = 4;

type Size = readonly [rows: number, columns: number];

/** FNet-Base's mixing of 512 and of 128 tokens, and of a number that is prime. */
const sizes: readonly Size[] = [
  [512, 768],
  [128, 768],
  [509, 768],
];

export const fftSuite: Suite = ({ quick }) => {
  const chosen: readonly Size[] = quick ? [[32, 64]] : sizes;
  return [...chosen.map(mixingCase), ...chosen.slice(0, 1).map(rowsCase)];
};

/** ONNX Runtime's own error is some 2·10⁻⁴ of the largest number; ours, pffft's and the matrices' are below 10⁻⁶. */
const TOLERANCE = 1e-3;

/** As such transforms are usually counted: 2.5·n·log₂ n of n real numbers. */
const flopsOf = (length: number): number => 2.5 * length * Math.log2(length);

/** Re F(F(x)), against ONNX's DFT twice, and against two products with matrices (Lee-Thorp et al. 2022, §3.2). */
function mixingCase([rows, columns]: Size): Case {
  return {
    name: `fft ${rows}×${columns}`,
    thorough: rows < 512,
    flops: flopsOf(rows * columns),
    repetitions: DEPTH,
    tolerance: TOLERANCE,
    prepare: async () => {
      const x = normal(rows * columns, 1);
      return {
        ours: { name: "ours", run: () => noGrad(() => chain(tensor(x, [rows, columns]), fourierMix).toTypedArray()) },
        onnx: {
          inputs: { x: { dims: [1, rows, columns, 1], data: x } },
          model: () => {
            const graph = new OnnxGraph();
            const dft = (y: string, axis: number, length: number): string => graph.op("DFT", [y, graph.index(length), graph.index(axis)]);
            const mix = (y: string): string => {
              const both = dft(dft(y, 2, columns), 1, rows); // (1, N, D, 2)
              return graph.op("Gather", [both, graph.ints([0])], { axis: 3 });
            };
            graph.output(chain(graph.input("x", [1, rows, columns, 1]), mix), "y", [1, rows, columns, 1]);
            return graph.toBytes();
          },
        },
        baselines: [byMatrices(x, rows, columns), ...(pffftTakes(columns, rows) ? [await pffftMixing(x, rows, columns, chain)] : [])],
      };
    },
  };
}

const chain = <T>(first: T, mix: (x: T) => T): T => Array.from({ length: DEPTH }).reduce<T>((y) => mix(y), first);

/**
 * The pass over rows alone, numbers being where the kernels want them. Ours folds opposite rows together first and writes what the columns need, so it
 * has no spectra to compare; the time of a row is the pass's, divided by all rows.
 */
function rowsCase([rows, columns]: Size): Case {
  return {
    name: `fft, a row of ${rows}×${columns}, in place`,
    thorough: true,
    repetitions: rows,
    flops: flopsOf(columns),
    tolerance: TOLERANCE,
    prepare: async () => {
      const x = normal(rows * columns, 1);
      const input = tensor(x, [rows, columns]);
      const panels = tensor(new Float32Array(fourierMixPanelsLength(1, rows, columns)));
      const { kernels } = engine();
      const plan = fftPlan(engine(), columns);
      const run = (): undefined => kernels.fourierMixRows({ x: input, r: panels, ...plan, batch: 1, rows, columns }) as undefined;
      const dispose = (): void => {
        input.dispose();
        panels.dispose();
      };
      return { ours: { name: "ours", run, dispose }, baselines: [await pffftRows(x, rows, columns)] };
    },
  };
}

/** cos·x·cos − sin·x·sin: O(N²D + ND²) where the fast transform is O(ND·log ND). */
function byMatrices(x: Float32Array, rows: number, columns: number): Contender {
  const table = (length: number, f: (angle: number) => number): Tensor => {
    const values = new Float32Array(length * length);
    for (let i = 0; i < length; i++)
      for (let j = 0; j < length; j++) values[i * length + j] = f((2 * Math.PI * ((i * j) % length)) / length);
    return tensor(values, [length, length]);
  };
  const [cosines, sines] = [Math.cos, Math.sin].map((f) => [table(rows, f), table(columns, f)] as const);
  const product = (y: Tensor, tables: readonly [Tensor, Tensor] | undefined): Tensor =>
    tables ? matmul(tables[0], matmul(y, tables[1])) : y;
  return {
    name: "self by matrices",
    run: () =>
      noGrad(() => {
        const mix = (y: Tensor): Tensor => subtract(product(y, cosines), product(y, sines));
        return chain(tensor(x, [rows, columns]), mix).toTypedArray();
      }),
    dispose: () => {
      for (const matrix of [...(cosines ?? []), ...(sines ?? [])]) matrix.dispose();
    },
  };
}
