/** What a row of ops.table.ts says, and what the tests and tools/reference/ops.py make of it. */
import type { Shape, Tensor } from "../src/index.ts";

/**
 * How an input's numbers are drawn: N(0, 1); at least 0.2; at least 0.2 from 0; N(0, 1) rounded, so that many are equal; between 0 and 1; N(0, 1) with
 * −∞ instead of the low ones, but never in column 0.
 */
export type Kind = "normal" | "positive" | "awayFromZero" | "whole" | "share" | "mask";

/** One call: the inputs' shapes by name, and beside them whatever else `run` takes. All of it is plain JSON. */
export type Case<N extends string, O, M extends string = never> = Readonly<Record<N, Shape>> &
  Readonly<Partial<Record<M, Shape>>> &
  Readonly<O>;

/**
 * An op. N names its inputs, O its options, M the inputs that a case may leave out.
 * From each row: forward and gradients against PyTorch and central differences, edge sizes, and the message of a wrong call.
 */
export interface Row<N extends string, O, M extends string> {
  readonly name: string;
  readonly inputs: readonly (N | M)[];
  /** Default: normal. */
  readonly kinds?: { readonly [input in N | M]?: Kind };
  /** Inputs that get no gradient. */
  readonly constants?: readonly (N | M)[];
  readonly cases: readonly Case<N, O, M>[];
  /** The case of an edge size. */
  readonly edge?: (size: number) => Case<N, O, M>;
  /** Default: 0, 1, 3, 4, 5, 17, 65. Without 0 where it isn't legal. */
  readonly sizes?: readonly number[];
  readonly run: (inputs: Readonly<Record<N, Tensor>> & Readonly<Partial<Record<M, Tensor>>>, options: Case<N, O, M>) => Tensor;
  /** The same in float64, from core-wasm's references. */
  readonly reference: (
    inputs: Readonly<Record<N, Float64Array>> & Readonly<Partial<Record<M, Float64Array>>>,
    options: Case<N, O, M>,
  ) => ArrayLike<number>;
  /** A call that must fail, and its whole message; none where nothing can be wrong. */
  readonly wrong?: readonly [call: () => unknown, message: string];
}

/** A case with its row's functions: what the tests walk over. */
export interface OpCase {
  readonly title: string;
  /** The prefix of its tensors in golden/ops.safetensors. */
  readonly key: string;
  /** Inputs that this case has, in order. */
  readonly inputs: readonly string[];
  readonly constants: readonly string[];
  readonly kinds: Readonly<Record<string, Kind>>;
  /** The case itself, as ops.py gets it. */
  readonly call: Readonly<Record<string, unknown>>;
  shapeOf(input: string): Shape;
  run(inputs: Readonly<Record<string, Tensor>>): Tensor;
  reference(inputs: Readonly<Record<string, Float64Array>>): ArrayLike<number>;
}

export interface Op {
  readonly name: string;
  readonly cases: readonly OpCase[];
  readonly wrong: readonly [call: () => unknown, message: string] | undefined;
}

export function row<N extends string, O = unknown, M extends string = never>(described: Row<N, O, M>): Op {
  const { name, edge, sizes = [0, 1, 3, 4, 5, 17, 65], constants = [], kinds } = described;
  const calls = [...described.cases, ...(edge ? sizes.map(edge) : [])];
  const cases = calls.map((call, index): OpCase => {
    const shapes = new Map<string, Shape>();
    for (const input of described.inputs) {
      const shape: Shape | undefined = call[input];
      if (shape) shapes.set(input, shape);
    }
    // An op is told its options, not the shapes of its inputs.
    const options = Object.fromEntries(Object.entries(call).filter(([key]) => !shapes.has(key))) as typeof call;
    return {
      title: `${name} ${JSON.stringify(call).replaceAll('"', "").slice(1, -1)}`,
      key: `${name}.${index}`,
      inputs: [...shapes.keys()],
      constants,
      kinds: Object.fromEntries(described.inputs.map((input) => [input, kinds?.[input] ?? "normal"])),
      call: { ...call },
      shapeOf: (input) => shapes.get(input) ?? [],
      run: (inputs) => described.run(inputs as Parameters<typeof described.run>[0], options),
      reference: (inputs) => described.reference(inputs as Parameters<typeof described.reference>[0], call),
    };
  });
  return { name, cases, wrong: described.wrong };
}
