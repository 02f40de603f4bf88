/** A small model with dropout that learns which of three blobs a point is of, as tests train it. */
import { crossEntropy, Dropout, intTensor, Linear, Module, relu, Rng, tensor, type Tensor } from "@x/layers";
import { Draws } from "@x/layers/model";
import type { Objective } from "../src/index.ts";

export interface Point {
  readonly x: readonly number[];
  readonly label: number;
}

interface PointBatch {
  readonly x: Tensor;
  readonly labels: Tensor<"int32">;
}

export class Net extends Module {
  readonly hidden = new Linear(4, 16);
  readonly dropout: Dropout;
  readonly out = new Linear(16, 3);

  constructor(rng: Rng, dropout = 0.1) {
    super();
    this.dropout = new Dropout(dropout, rng);
  }

  forward(x: Tensor): Tensor {
    return this.out.forward(this.dropout.forward(relu(this.hidden.forward(x))));
  }
}

export function net(seed = 1, dropout = 0.1): Net {
  const rng = new Rng(seed);
  return new Net(rng, dropout).initialize(rng);
}

export function points(count: number, seed: number): Point[] {
  const draws = new Draws(new Rng(seed));
  return Array.from({ length: count }, (_, i) => {
    const label = i % 3;
    return { x: [0, 1, 2, 3].map((axis) => (axis === label ? 1.5 : 0) + draws.next() * 2 - 1), label };
  });
}

export const pointObjective = (model: Net): Objective<Point, PointBatch> => ({
  model,
  collate: (examples) => ({ x: tensor(examples.map(({ x }) => x)), labels: intTensor(examples.map(({ label }) => label)) }),
  loss: ({ x, labels }) => crossEntropy(model.forward(x), labels),
});

export const weightsHash = (model: Module): string =>
  [...model.stateDict().values()].map((values) => Buffer.from(values.toTypedArray().buffer).toString("base64")).join();
