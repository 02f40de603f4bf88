/** Modules: paths, state, modes, and errors that name what doesn't fit. */
import { checkForLeaks } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  CrossAttention,
  Dropout,
  DropPath,
  dropPathRate,
  Embedding,
  FeedForward,
  fillTruncatedNormal,
  init,
  keep,
  LayerNorm,
  Linear,
  Module,
  noGrad,
  ones,
  Parameter,
  PatchEmbedding,
  PreNormBlock,
  Rng,
  scope,
  SelfAttention,
  summary,
  tensor,
  zeros,
} from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

class Model extends Module {
  readonly token = new Parameter([1, 4]);
  readonly positions = keep(zeros([3, 4])); // a buffer
  readonly blocks: readonly Linear[] = [new Linear(4, 4), new Linear(4, 4, { bias: false })];
  readonly norm = new LayerNorm(4, 1e-6);
  readonly head = new Linear(4, 2);
  readonly note = "neither tensor nor module";
}

const paths = ["token", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "norm.weight", "norm.bias", "head.weight", "head.bias"];

describe("paths", () => {
  test("follow properties and arrays", () => {
    using model = new Model();
    expect([...model.namedParameters().keys()].sort()).toEqual([...paths].sort());
    expect([...model.namedChildren()].map(([name]) => name).sort()).toEqual(["blocks.0", "blocks.1", "head", "norm"]);
    expect(model.numParameters).toBe(4 + 20 + 16 + 8 + 10);
  });

  test("parameters in arrays, and arrays in arrays", () => {
    class Grid extends Module {
      readonly scales = [new Parameter([2]), new Parameter([3])];
      readonly cells = [[new Linear(2, 2, { bias: false })], [new Linear(2, 1, { bias: false })]];
    }
    using grid = new Grid();
    expect([...grid.namedParameters().keys()]).toEqual(["scales.0", "scales.1", "cells.0.0.weight", "cells.1.0.weight"]);
    expect([...grid.namedModules()].map(([path]) => path)).toEqual(["", "cells.0.0", "cells.1.0"]);
    expect(grid.train().cells[1]?.[0]?.training).toBe(true);
  });

  test("a map, a set or an object that holds parts is refused, one that doesn't isn't", () => {
    class Holder extends Module {
      readonly config = { sizes: [1, 2], labels: new Map([[0, "cat"]]) };
      readonly held: object;
      constructor(held: object) {
        super();
        this.held = held;
      }
    }
    using part = new Linear(1, 1);
    expect([...new Holder({ a: 1 }).namedParameters()]).toEqual([]);
    for (const [held, kind] of [
      [new Map([["a", part]]), "a Map"],
      [new Set([part.weight]), "a Set"],
      [{ deep: [{ part }] }, "an Object"],
      [[new Map([[part, 1]])], "a Map"],
    ] as const) {
      const message = `modules and tensors are held by properties and arrays, but ${kind} holds some`;
      for (const walk of [(one: Holder) => one.namedParameters(), (one: Holder) => one.train(), (one: Holder) => one.dispose()]) {
        expect(() => walk(new Holder(held))).toThrow(message);
      }
    }
  });

  test("a module that holds itself is said, not walked forever", () => {
    class Ring extends Module {
      readonly layers: Module[] = [];
    }
    const ring = new Ring();
    const inner = new Ring();
    ring.layers.push(inner);
    inner.layers.push(ring);
    for (const walk of [() => ring.parameters(), () => ring.eval(), () => ring.initialize(new Rng(1)), () => ring.dispose()]) {
      expect(walk).toThrow("Ring: a module must not hold itself, but layers.0.layers.0 is it again");
    }
  });

  test("a tied parameter comes once, under its first path", () => {
    class Tied extends Module {
      readonly embedding = new Embedding(3, 2);
      readonly decoder = this.embedding.weight;
    }
    using model = new Tied();
    expect([...model.namedParameters()]).toEqual([["decoder", model.decoder]]);
    expect(model.parameters()).toEqual([model.embedding.weight]);
    expect([...model.stateDict().keys()]).toEqual(["decoder"]);
    expect(model.numParameters).toBe(6);
  });

  test("the state dict has buffers too, and the tensors themselves", () => {
    using model = new Model();
    const state = model.stateDict();
    expect([...state.keys()].sort()).toEqual([...paths, "positions"].sort());
    expect(state.get("positions")).toBe(model.positions);
    expect(state.get("head.weight")).toBe(model.head.weight);
  });

  test("summary is a table with the total, frozen parameters marked", () => {
    using layer = new Linear(3, 2);
    layer.bias?.data.fill(0);
    if (layer.bias) layer.bias.requiresGrad = false;
    expect(summary(layer)).toBe("weight   (2, 3)   6\nbias     (2,)     2  frozen\n8 parameters, 6 trainable");
    using wide = new Linear(1000, 1234, { bias: false });
    expect(summary(wide)).toBe("weight   (1234, 1000)   1 234 000\n1 234 000 parameters, 1 234 000 trainable");
  });
});

describe("loadStateDict", () => {
  test("copies every value, and a model's own state into another", () => {
    using model = new Model().initialize(new Rng(1));
    using other = new Model();
    model.positions.data.set([1, 2, 3]);
    model.token.data.fill(7);
    other.loadStateDict(model.stateDict());
    for (const [path, { data }] of other.stateDict()) expect([...data], path).toEqual([...(model.stateDict().get(path)?.data ?? [])]);
    model.token.data.fill(8);
    expect(other.token.data[0], "a copy").toBe(7);
  });

  test("names everything that is missing, unexpected and of another shape, and changes nothing", () => {
    using layer = new Linear(2, 3);
    layer.weight.data.fill(5);
    layer.bias?.data.fill(5);
    scope(() => {
      const wrong = new Map([
        ["weight", ones([3, 3])],
        ["extra", ones([1])],
        ["more", ones([1])],
      ]);
      const message =
        "loadStateDict: 4 entries don't fit\nmissing: bias\nunexpected: extra\nunexpected: more\nshape: weight is (3, 2), but (3, 3) came";
      expect(() => layer.loadStateDict(wrong)).toThrow(expect.objectContaining({ name: "TensorError", message }));
    });
    expect([...layer.weight.data, ...(layer.bias?.data ?? [])].every((value) => value === 5)).toBe(true);
  });

  test("lists twenty problems at most", () => {
    using layer = new Linear(2, 3);
    scope(() => {
      const many = new Map(Array.from({ length: 30 }, (_, i) => [`extra${i}`, zeros([1])] as const));
      expect(() => layer.loadStateDict(many)).toThrow(/^loadStateDict: 32 entries don't fit\n(.*\n){20}…and 12 more$/);
    });
  });
});

describe("modes", () => {
  test("models start in evaluation mode; train and eval reach everything below", () => {
    using model = new Model();
    const modes = (): boolean[] => [model.training, model.head.training, ...model.blocks.map(({ training }) => training)];
    expect(modes()).toEqual([false, false, false, false]);
    expect(model.train()).toBe(model);
    expect(modes()).toEqual([true, true, true, true]);
    model.eval();
    expect(modes()).toEqual([false, false, false, false]);
  });

  test("dropout and DropPath do nothing in evaluation mode or with p = 0", () => {
    scope(() => {
      const x = ones([50, 2]);
      const [dropout, path, never] = [new Dropout(0.5, new Rng(1)), new DropPath(0.5, new Rng(1)), new Dropout(0, new Rng(1))];
      expect(dropout.forward(x)).toBe(x);
      expect(path.forward(x)).toBe(x);
      expect(never.train().forward(x)).toBe(x);
      expect(
        dropout
          .train()
          .forward(x)
          .data.some((value) => value === 0),
      ).toBe(true);
      expect(
        path
          .train()
          .forward(x)
          .data.some((value) => value === 0),
      ).toBe(true);
    });
    expect(() => new Dropout(1, new Rng(1))).toThrow("Dropout: a probability is from 0 up to but not including 1, but is 1");
    const rngless = "an rng is needed, one for all layers of a model, but p is 0.5 and none was given";
    expect(() => new Dropout(0.5)).toThrow(`Dropout: ${rngless}`);
    expect(() => new DropPath(0.5)).toThrow(`DropPath: ${rngless}`);
    const heads = { hiddenSize: 4, numHeads: 2 };
    for (const make of [
      () => new FeedForward({ hiddenSize: 4, intermediateSize: 4, activation: "relu", dropout: 0.5 }),
      () => new SelfAttention({ ...heads, dropout: 0.5 }),
      () => new CrossAttention({ ...heads, attentionDropout: 0.5 }),
    ]) {
      expect(make).toThrow(expect.objectContaining({ name: "ArgumentError", message: `Dropout: ${rngless}` }));
    }
    expect(() => new DropPath(-0.1, new Rng(1))).toThrow("DropPath: a probability is from 0 up to but not including 1, but is -0.1");
    expect([0, 1, 2, 3].map((block) => dropPathRate(0.3, block, 4))).toEqual([0, 0.3 / 3, 0.6 / 3, 0.3]);
    expect(dropPathRate(0.3, 0, 1)).toBe(0);
  });

  test("setRequiresGrad freezes and thaws everything below", () => {
    using model = new Model();
    model.setRequiresGrad(false);
    expect(model.parameters().some(({ requiresGrad }) => requiresGrad)).toBe(false);
    expect(scope(() => model.head.forward(ones([1, 4])).requiresGrad)).toBe(false);
    model.head.setRequiresGrad(true);
    expect(model.parameters().filter(({ requiresGrad }) => requiresGrad)).toHaveLength(2);
  });
});

describe("initialize", () => {
  test("the same seed gives the same model, another seed another", () => {
    using a = new Model().initialize(new Rng(1));
    using b = new Model().initialize(new Rng(1));
    using c = new Model().initialize(new Rng(2));
    expect([...a.head.weight.toTypedArray()]).toEqual([...b.head.weight.data]);
    expect([...a.head.weight.toTypedArray()]).not.toEqual([...c.head.weight.data]);
  });

  test("a truncated normal distribution is cut off at ±2, however wide it is", () => {
    scope(() => {
      const deviationOf = (values: Float32Array): number =>
        Math.sqrt(values.reduce((total, value) => total + value ** 2, 0) / values.length);
      const [narrow, wide] = [zeros([20_000]), zeros([20_000])];
      fillTruncatedNormal(narrow, new Rng(1), 0.02);
      expect(Math.abs(deviationOf(narrow.data) / 0.02 - 1)).toBeLessThan(0.02);
      expect(Math.max(...narrow.data)).toBeGreaterThan(0.06); // three deviations
      fillTruncatedNormal(wide, new Rng(2), 50);
      expect(Math.max(...wide.data.map(Math.abs))).toBeLessThanOrEqual(2);
      expect(Math.abs(deviationOf(wide.data) / (2 / Math.sqrt(3)) - 1), "almost uniform").toBeLessThan(0.02);
    });
  });

  test("layers fill themselves as their docstrings say", () => {
    using linear = new Linear(300, 200).initialize(new Rng(3));
    const bound = Math.sqrt(6 / 500);
    const weights = linear.weight.data;
    expect(weights.every((value) => Math.abs(value) <= bound)).toBe(true);
    expect(Math.max(...weights)).toBeGreaterThan(0.99 * bound);
    const variance = weights.reduce((total, value) => total + value ** 2, 0) / weights.length;
    expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(0.02);
    expect(linear.bias?.data.every((value) => value === 0)).toBe(true);
    using norm = new LayerNorm(5, 1e-6).initialize();
    expect([[...norm.weight.data], [...norm.bias.data]]).toEqual([
      [1, 1, 1, 1, 1],
      [0, 0, 0, 0, 0],
    ]);
    using patches = new PatchEmbedding(3, 4, 8).initialize(new Rng(4));
    expect(Math.max(...patches.weight.data)).toBeLessThanOrEqual(Math.sqrt(6 / 56));
    expect(patches.bias?.data.every((value) => value === 0)).toBe(true);
  });
});

describe("layers", () => {
  test("heads must divide the width", () => {
    expect(() => new SelfAttention({ hiddenSize: 10, numHeads: 3 })).toThrow(
      "SelfAttention: numHeads must divide hiddenSize, but 3 does not divide 10",
    );
  });

  test("a block with dropout draws in training only", () => {
    const rng = new Rng(5);
    const mixer = new SelfAttention({ hiddenSize: 8, numHeads: 2, attentionDropout: 0.3, dropout: 0.3, rng });
    const mlp = new FeedForward({ hiddenSize: 8, intermediateSize: 16, activation: "silu", dropout: 0.3, rng });
    using block = new PreNormBlock({ hiddenSize: 8, layerNormEps: 1e-6, mixer, mlp, dropPath: new DropPath(0.3, rng) }).initialize(
      new Rng(6),
    );
    const x = Float32Array.from({ length: 96 }, (_, i) => Math.sin(i));
    const run = (): Float32Array => scope(() => noGrad(() => block.forward(tensor(x, [4, 3, 8]), {})).toTypedArray());
    expect(run()).toEqual(run());
    expect(rng.state).toBe(0);
    block.train();
    expect(run()).not.toEqual(run());
    expect(rng.state).toBe(2 * 5); // probabilities, output, mlp, two branches
  });

  test("rngs are what layers draw from, each once, and a state put back draws the same again", () => {
    const [shared, own] = [new Rng(1), new Rng(2)];
    class Drawing extends Module {
      readonly layers = [new Dropout(0.5, shared), new DropPath(0.5, shared), new Dropout(0)];
      readonly last = new Dropout(0.5, own);
    }
    using model = new Drawing().train();
    expect(model.rngs()).toEqual([shared, own]);
    scope(() => {
      const draw = (): number[] => [...model.layers[0]!.forward(ones([100])).data];
      const state = shared.state;
      const first = draw();
      expect(draw()).not.toEqual(first);
      shared.state = state;
      expect(draw()).toEqual(first);
    });
    expect(() => (shared.state = -1)).toThrow("Rng: a state is a count of draws, but is -1");
  });

  test("disposing of a module frees its gradients too", () => {
    const layer = new Linear(2, 2);
    layer.weight.grad = tensor([
      [1, 2],
      [3, 4],
    ]);
    layer.dispose();
    expect(layer.weight.disposed).toBe(true);
  });
});
