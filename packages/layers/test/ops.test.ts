/** Every op of ops.table.ts against PyTorch and central differences. */
import { checkForLeaks, expectClose, Golden } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { backward, full, init, noGrad, Parameter, scope, type Tensor } from "../src/index.ts";
import type { OpCase } from "./ops.row.ts";
import { ops } from "./ops.table.ts";

let golden: Golden;
beforeAll(async () => {
  await init({ threads: 1 });
  golden = await Golden.read(new URL("../golden/ops.safetensors", import.meta.url));
});
checkForLeaks();

test("the golden file is of this table: else run tools/reference/ops.py", () => {
  const now = Object.fromEntries(ops.flatMap(({ cases }) => cases.map(({ key, call }) => [key, call])));
  expect(JSON.parse(golden.metadata.get("cases") ?? "{}")).toEqual(JSON.parse(JSON.stringify(now)));
});

const differentiated = ({ inputs, constants }: OpCase): string[] => inputs.filter((input) => !constants.includes(input));

/** Leaves NaN where the next tensors will lie, so that an element that an op forgets to write shows. */
const spoilFreeMemory = (): void => full([1 << 16], Number.NaN).dispose();

/** The op's result and gradients, as copies. */
function runWithGradients(call: OpCase): { y: Float32Array; shape: readonly number[]; gradients: Map<string, Float32Array | undefined> } {
  return scope(() => {
    const inputs = Object.fromEntries(call.inputs.map((input) => [input, golden.tensor(`${call.key}.${input}`)]));
    const dy = golden.tensor(`${call.key}.dy`);
    for (const input of differentiated(call)) (inputs[input] as Tensor).requiresGrad = true;
    spoilFreeMemory();
    const y = call.run(inputs);
    if (y.requiresGrad) backward(y, dy);
    const gradients = new Map(differentiated(call).map((input) => [input, inputs[input]?.grad?.toTypedArray()]));
    return { y: y.toTypedArray(), shape: y.shape, gradients };
  });
}

/** At most this many elements of an input are moved, evenly spread. */
const MOVED = 40;

/** d (Σ dy · reference) / d input at some of its elements, in float64. */
function centralDifferences(call: OpCase, input: string): Map<number, number> {
  const values = Object.fromEntries(call.inputs.map((name) => [name, golden.values(`${call.key}.${name}`)]));
  const dy = golden.values(`${call.key}.dy`);
  const moved = values[input] ?? new Float64Array();
  const h = 1e-5;
  const objective = (): number => Array.from(call.reference(values)).reduce((total, y, i) => total + y * (dy[i] ?? Number.NaN), 0);
  const slopes = new Map<number, number>();
  for (let at = 0; at < moved.length; at += Math.ceil(moved.length / MOVED)) {
    const here = moved[at] ?? 0;
    moved[at] = here + h;
    const above = objective();
    moved[at] = here - h;
    slopes.set(at, (above - objective()) / (2 * h));
    moved[at] = here;
  }
  return slopes;
}

for (const { name, cases, wrong } of ops) {
  describe(name, () => {
    test.for(cases.map((call) => [call.title, call] as const))("%s: PyTorch's result and gradients", ([, call]) => {
      const { y, shape, gradients } = runWithGradients(call);
      expect(shape).toEqual(golden.shape(`${call.key}.y`));
      expectClose(y, golden.values(`${call.key}.y`), "y");
      for (const [input, gradient] of gradients)
        expectClose(gradient ?? [], golden.values(`${call.key}.d_${input}`), `gradient of ${input}`);
    });

    test.for(cases.map((call) => [call.title, call] as const))("%s: the reference's result without a tape, and its slopes", ([, call]) => {
      const inputs = Object.fromEntries(call.inputs.map((input) => [input, golden.values(`${call.key}.${input}`)]));
      const y = scope(() => {
        const tensors = Object.fromEntries(call.inputs.map((input) => [input, golden.tensor(`${call.key}.${input}`)]));
        spoilFreeMemory();
        return noGrad(() => call.run(tensors)).toTypedArray();
      });
      expectClose(y, call.reference(inputs), "y");
      const { gradients } = runWithGradients(call);
      for (const [input, gradient] of gradients) {
        const slopes = centralDifferences(call, input);
        expectClose(
          [...slopes.keys()].map((at) => gradient?.[at] ?? Number.NaN),
          [...slopes.values()],
          `slope of ${input}`,
        );
      }
    });

    if (wrong) {
      const [call, message] = wrong;
      test("a wrong call names the op, the rule and what came", () => {
        expect(() => scope(call)).toThrow(expect.objectContaining({ message }));
      });
    }
  });
}

describe("linear without a tape", () => {
  const cases = ops.find(({ name }) => name === "linear")?.cases ?? [];
  test.for(cases.map((call) => [call.title, call] as const))("%s: a Parameter's column panels give what its rows give", ([, call]) => {
    scope(() => {
      const weight = new Parameter(call.shapeOf("weight"));
      weight.data.set(golden.values(`${call.key}.weight`));
      const inputs = Object.fromEntries(
        call.inputs.map((input) => [input, input === "weight" ? weight : golden.tensor(`${call.key}.${input}`)]),
      );
      spoilFreeMemory();
      noGrad(() => expectClose(call.run(inputs).toTypedArray(), golden.values(`${call.key}.y`), "y"));
      noGrad(() => expectClose(call.run(inputs).toTypedArray(), golden.values(`${call.key}.y`), "y the second time"));
      weight.dispose();
    });
  });
});
