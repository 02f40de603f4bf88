/** What tests of objectives beside PyTorch share: ten steps of the models' own goldens, and inputs that are rows of them. */
import { AdamW, constant, type Module, type Tensor, tensor } from "@x/layers";
import { expect } from "vitest";
import { type Encoding, TextBatch } from "../../models-nlp/src/index.ts";
import { fit, type Learned, type Objective } from "../src/index.ts";

/** Each of the ten losses within 1e-4 of PyTorch's, relative. */
export function expectLosses(found: readonly number[], expected: Iterable<number>): void {
  const wanted = [...expected];
  expect(found).toHaveLength(wanted.length);
  for (const [i, loss] of found.entries())
    expect(Math.abs(loss / (wanted[i] ?? 0) - 1), `step ${i + 1}: ${loss}, not ${wanted[i]}`).toBeLessThan(1e-4);
}

/** The models' own goldens: every parameter decays by 0.05, gradients stay as they are. */
export async function tenPlainSteps<Example, Batch, Outcome extends Learned>(
  objective: Objective<Example, Batch, Outcome>,
  model: Module,
  examples: readonly Example[],
  losses: Float64Array,
): Promise<void> {
  const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad);
  using optimizer = new AdamW(trained, { learningRate: 3e-3, weightDecay: 0.05 });
  const { history } = await fit({ ...objective, model }, examples, {
    steps: 10,
    batchSize: examples.length,
    schedule: constant,
    optimizer,
    maxGradientNorm: Infinity,
  });
  expectLosses(
    history.map((entry) => ("loss" in entry ? entry.loss : NaN)),
    losses,
  );
}

/** Some rows of a golden, by their numbers. */
export function picked(of: Tensor, rows: readonly number[]): Tensor {
  const width = of.size / (of.shape[0] ?? 1);
  const values = of.toTypedArray();
  return tensor(
    rows.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]),
    of.shape.with(0, rows.length),
  );
}

/** A tokenizer whose texts are numbers of rows of ids. */
export function tokenizerOfRows(rows: readonly (readonly number[])[], pad: number) {
  const encodingOf = (ids: readonly number[]): Encoding => ({ ids, typeIds: ids.map(() => 0), offsets: [], sequenceIds: [], wordIds: [] });
  return {
    maxLength: undefined,
    encode: (text: string) => encodingOf(rows[Number(text)] ?? []),
    pad(encodings: readonly { readonly ids: readonly number[] }[]) {
      const length = Math.max(...encodings.map(({ ids }) => ids.length));
      const fill = (values: readonly number[], filler: number): number[] => [
        ...values,
        ...Array<number>(length - values.length).fill(filler),
      ];
      return new TextBatch(
        encodings.map(({ ids }) => ({
          ids: fill(ids, pad),
          mask: fill(
            ids.map(() => 1),
            0,
          ),
          typeIds: fill([], 0),
        })),
        length,
      );
    },
  };
}

export const rowsIn = (matrix: Tensor<"int32">, kept: (place: number) => boolean): number[][] => {
  const [count = 0, length = 0] = matrix.shape;
  const values = matrix.toTypedArray();
  return Array.from({ length: count }, (_, row) =>
    [...values.subarray(row * length, (row + 1) * length)].filter((__, i) => kept(row * length + i)),
  );
};

/** Private fields know the object itself only. */
export function bound(of: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(of, name);
  return typeof value === "function" ? value.bind(of) : value;
}
