import { engine, fourierMix, matmul, noGrad, subtract, tensor } from "@x/layers";
import { fourierMixPanelsLength, fourierMixRowsScratch, fourierMixRowsUnits } from "@x/core-wasm";
import { agree } from "../agree.ts";
import type { Case, Contender, Suite } from "../case.ts";
import { OnnxGraph } from "../onnx/graph.ts";
import { type Pffft, openPffft } from "../pffft.ts";
import { normal } from "../random.ts";

const TOLERANCE = 2e-6;

/** FNet's mixing at BERT-base's length, at half of it, and at a length that is prime. */
const sizes = [
  [512, 768],
  [128, 768],
  [509, 768],
] as const;

export const fftSuite: Suite = ({ quick }) => [
  ...(quick ? [[32, 64] as const] : sizes).map(([rows, columns]) => mixingCase(rows, columns)),
  ...(quick ? [[32, 64] as const] : sizes.slice(0, 1)).map(([rows, columns]) => rowsCase(rows, columns)),
];

/** As usually counted: 2.5·n·log₂n for a real transform, both directions. */
const flopsOf = (rows: number, columns: number): number => 2.5 * rows * columns * Math.log2(rows * columns);

/** Re F(F(x)), against ONNX's two DFTs, pffft on rows and columns, and the same by matrices (Lee-Thorp et al. 2022, §3.2: which wins depends on N). */
function mixingCase(rows: number, columns: number): Case {
  return {
    name: `fft ${rows}×${columns}`,
    flops: flopsOf(rows, columns),
    tolerance: TOLERANCE,
    prepare: async () => {
      const x = normal(rows * columns, 1);
      const pffft = await openPffft();
      return {
        ours: { name: "ours", run: () => noGrad(() => fourierMix(tensor(x, [rows, columns])).toTypedArray()) },
        onnx: {
          inputs: { x: { dims: [1, rows, columns, 1], data: x } },
          model: () => {
            const graph = new OnnxGraph();
            const transform = (y: string, axis: number, length: number): string =>
              graph.op("DFT", [y, graph.index(length), graph.index(axis)]);
            const both = transform(transform(graph.input("x", [1, rows, columns, 1]), 2, columns), 1, rows); // (1, N, D, 2)
            graph.output(graph.op("Gather", [both, graph.index(0)], { axis: 3 }), "y", [1, rows, columns]);
            return graph.toBytes();
          },
        },
        baselines: [byMatrices(x, rows, columns), ...(pffft.takes(rows) && pffft.takes(columns) ? [byPffft(pffft, x, rows, columns)] : [])],
      };
    },
  };
}

/** The first pass alone, where the kernel wants its numbers: half of it is folded away, so a row is what the pass takes, divided by all rows. */
function rowsCase(rows: number, columns: number): Case {
  return {
    name: `fft, a row of ${rows}×${columns}, in place`,
    repetitions: rows,
    flops: 2.5 * columns * Math.log2(columns),
    tolerance: TOLERANCE,
    prepare: async () => {
      const x = normal(rows * columns, 1);
      const pffft = await openPffft();
      const plan = pffft.plan(columns, "real");
      plan.input.set(x.subarray(0, columns));
      const source = pffft.allocate(rows * columns);
      source.array().set(x);
      const target = pffft.allocate(rows * columns);

      const input = tensor(x, [rows, columns]);
      const core = engine();
      const panels = tensor(new Float32Array(fourierMixPanelsLength(1, rows, columns)));
      const run = (): undefined => {
        // prettier-ignore
        core.launchWithScratch("fourierMixRows", fourierMixRowsUnits(1, rows), 1e5, fourierMixRowsScratch(columns),
          input.pointer, panels.pointer, core.fftPlans.pointer(columns), rows, columns);
      };
      return {
        ours: {
          name: "ours",
          run,
          dispose: () => {
            input.dispose();
            panels.dispose();
          },
        },
        baselines: [
          {
            name: "pffft",
            run: () => {
              for (let row = 0; row < rows; row++) plan.transform(source.pointer + 4 * row * columns, target.pointer + 4 * row * columns);
            },
          },
        ],
      };
    },
  };
}
