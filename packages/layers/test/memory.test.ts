/** Who frees what: scopes, views, tensors after their end, and nothing left behind by a model's steps. */
import { checkForLeaks } from "@x/testing";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import {
  AdamW,
  add,
  type AttentionContext,
  backward,
  clipGradientNorm,
  crossEntropy,
  Dropout,
  Embedding,
  FeedForward,
  forgotten,
  init,
  intTensor,
  keep,
  Linear,
  liveBytes,
  mean,
  Module,
  noGrad,
  ones,
  PreNormBlock,
  reshape,
  Rng,
  scope,
  SelfAttention,
  shutdown,
  slice,
  square,
  sum,
  tensor,
  type Tensor,
  Trace,
  train,
  zeros,
} from "../src/index.ts";
import { engine } from "../src/model.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

describe("scope", () => {
  test("frees what is made inside and hands on what is returned", () => {
    scope(() => {
      let inside: Tensor | undefined;
      const y = scope(() => {
        inside = tensor([1, 2]);
        return square(inside);
      });
      expect(inside?.disposed).toBe(true);
      expect([...y.toTypedArray()]).toEqual([1, 4]);
      expect(liveBytes()).toBe(64);
    });
  });

  test("returned arrays, maps and plain objects at any depth", () => {
    scope(() => {
      const made = scope(() => {
        const lost = tensor([0]);
        return {
          a: tensor([1]),
          list: [tensor([2]), { deep: tensor([3]) }],
          map: new Map([["k", tensor([4])]]),
          number: 5,
          lost: () => lost,
          none: null,
        };
      });
      const kept = [made.a, made.list[0] as Tensor, (made.list[1] as { deep: Tensor }).deep, made.map.get("k") as Tensor];
      expect(kept.map((one) => one.item())).toEqual([1, 2, 3, 4]);
      expect(made.lost().disposed).toBe(true);
    });
  });

  test("returned sets, class instances, objects without a prototype, keys, and circles", () => {
    class Features {
      readonly mean = tensor([1]);
      readonly self = this;
    }
    scope(() => {
      const made = scope(() => ({
        features: new Features(),
        set: new Set([tensor([2])]),
        bare: Object.assign(Object.create(null) as object, { x: tensor([3]) }),
        keyed: new Map([[tensor([4]), 1]]),
        many: Array.from({ length: 200_000 }, (_, i) => i),
      }));
      const kept = [made.features.mean, ...made.set, made.bare.x, ...made.keyed.keys()];
      expect(kept.map((one) => one.item())).toEqual([1, 2, 3, 4]);
    });
    expect(liveBytes()).toBe(0);
  });

  test("nested scopes: what an inner one returns, the outer one frees", () => {
    let kept: Tensor | undefined;
    scope(() => {
      kept = scope(() => scope(() => tensor([1])));
      expect(kept.disposed).toBe(false);
    });
    expect(kept?.disposed).toBe(true);
  });

  test("a tensor that was made outside is left alone, even when returned", () => {
    const outside = tensor([1]);
    expect(scope(() => outside)).toBe(outside);
    scope(() => outside);
    expect(outside.disposed).toBe(false);
    outside.dispose();
  });

  test("an exception frees everything and goes on", () => {
    scope(() => {
      expect(() =>
        scope(() => {
          square(tensor([1, 2]));
          throw new Error("stop");
        }),
      ).toThrow("stop");
      expect(liveBytes()).toBe(0);
      expect(tensor([1]).disposed, "the outer scope still owns new tensors").toBe(false);
    });
  });

  test("a promise is refused", () => {
    const message = "scope: the body must not be asynchronous; await outside and compute inside";
    expect(() => scope(async () => tensor([1]))).toThrow(expect.objectContaining({ name: "TensorError", message }));
  });

  test("keep takes a tensor out of every scope", () => {
    const kept = scope(() => scope(() => keep(tensor([7]))));
    expect(kept.item()).toBe(7);
    kept.dispose();
  });

  test("keep takes it out of the outer scopes too", () => {
    const kept = scope(() => {
      const made = tensor([7]);
      scope(() => scope(() => keep(made)));
      return [made.item(), () => made] as const;
    })[1]();
    expect(kept.item()).toBe(7);
    kept.dispose();
  });

  test("using frees at the end of the block", () => {
    let seen: Tensor | undefined;
    {
      using x = tensor([1]);
      seen = x;
    }
    expect(seen.disposed).toBe(true);
  });

  test("a trace's tensors outlive the model's scopes and go with its own", () => {
    scope(() => {
      const trace = new Trace();
      noGrad(() => scope(() => trace.addHiddenState(tensor([1, 2]))));
      expect([...(trace.hiddenStates[0]?.data ?? [])]).toEqual([1, 2]);
      using tokens = tensor([3, 4]);
      trace.addHiddenState(tokens);
      tokens.dispose();
      expect([...(trace.hiddenStates[1]?.data ?? [])], "whatever becomes of the tensor itself").toEqual([3, 4]);
    });
  });
});

describe("a tensor's end", () => {
  test("use after free names the shape and the remedy", () => {
    const remedy = "keep() it or return it from its scope; a loss and its backward share one, without `using`";
    const message = `a (2, 3) tensor was used after it was freed; ${remedy}`;
    const freed = zeros([2, 3]);
    freed.dispose();
    for (const use of [() => freed.data, () => freed.block, () => square(freed), () => freed.toArray()]) {
      expect(() => scope<unknown>(use)).toThrow(expect.objectContaining({ name: "TensorError", message }));
    }
    const scalar = scope(() => ({ hidden: () => tensor(1) })).hidden();
    scalar.dispose();
    expect(() => scalar.item()).toThrow(`a () tensor was used after it was freed; ${remedy}`);
  });

  test("freeing twice is harmless", () => {
    const x = zeros([2]);
    const y = zeros([2]);
    x.dispose();
    x.dispose();
    expect(liveBytes()).toBe(64);
    y.dispose();
  });

  test("memory goes with the last view of it", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const [flat, row] = [reshape(x, [4]), slice(x, 0, 1, 2)];
    x.dispose();
    flat.dispose();
    expect(row.toArray()).toEqual([[3, 4]]);
    expect(liveBytes()).toBe(64);
    row.dispose();
    expect(liveBytes()).toBe(0);
  });

  test("an empty tensor", () => {
    scope(() => {
      expect(zeros([0, 3]).toArray()).toEqual([]);
      expect(add(zeros([0, 3]), zeros([3])).shape).toEqual([0, 3]);
      expect(sum(zeros([0])).item()).toBe(0);
    });
  });

  test.for([
    [() => tensor([1, 2, 3], [2, 2]), "tensor: shape (2, 2) has 4 elements, but 3 values came"],
    [() => tensor([[1, 2], [3]]), "tensor: rows must all have the same length"],
    [() => zeros([2, -1]), "empty: a shape's lengths are whole numbers from 0 on, but the shape is (2, -1)"],
    [() => zeros([1.5]), "empty: a shape's lengths are whole numbers from 0 on, but the shape is (1.5,)"],
    [() => ones([2]).item(), "item: wants a tensor of one element, but this one is (2,)"],
    [() => new Rng(-1), "Rng: a seed is a whole number from 0 to 4294967295, but is -1"],
  ] as const)("a bad call: %#", ([call, message]) => {
    expect(() => scope(() => void call())).toThrow(expect.objectContaining({ name: "TensorError", message }));
  });
});

/** Embedding → pre-norm block with dropout → mean → linear. */
class TinyTransformer extends Module {
  readonly embedding = new Embedding(11, 16);
  readonly block: PreNormBlock<AttentionContext>;
  readonly head = new Linear(16, 3);
  readonly dropout: Dropout;

  constructor(rng: Rng) {
    super();
    const mixer = new SelfAttention({ hiddenSize: 16, numHeads: 2, attentionDropout: 0.1, rng });
    const mlp = new FeedForward({ hiddenSize: 16, intermediateSize: 32, activation: "gelu", dropout: 0.1, rng });
    this.block = new PreNormBlock({ hiddenSize: 16, layerNormEps: 1e-6, mixer, mlp });
    this.dropout = new Dropout(0.1, rng);
  }

  forward(ids: Tensor<"int32">, context: AttentionContext = {}): Tensor {
    return this.head.forward(mean(this.block.forward(this.dropout.forward(this.embedding.forward(ids)), context), 1));
  }
}

const ids = (step: number): number[][] => [0, 1, 2, 3].map((b) => [0, 1, 2, 3, 4, 5].map((i) => (7 * b + 3 * i + step) % 11));

describe("a tiny transformer leaves nothing behind", () => {
  test("1 000 inferences", () => {
    using model = new TinyTransformer(new Rng(1)).initialize(new Rng(2));
    const infer = (): Float32Array => scope(() => noGrad(() => model.forward(intTensor(ids(0)))).toTypedArray());
    const first = infer(); // makes the column panels
    infer();
    const [live, peak] = [liveBytes(), engine().memory.peakBytes];
    for (let i = 0; i < 1000; i++) expect(infer()).toEqual(first);
    expect(liveBytes()).toBe(live);
    expect(engine().memory.peakBytes, "nor is more taken and given back").toBe(peak);
  });

  test("100 inferences with a trace", () => {
    using model = new TinyTransformer(new Rng(1)).initialize(new Rng(2));
    const infer = (): number =>
      scope(() => {
        const trace = new Trace();
        noGrad(() => model.forward(intTensor(ids(0)), { trace }));
        return trace.attentions.length;
      });
    infer();
    const live = liveBytes();
    for (let i = 0; i < 100; i++) expect(infer()).toBe(1);
    expect(liveBytes()).toBe(live);
  });

  test("200 training steps, which learn", () => {
    using model = new TinyTransformer(new Rng(1)).initialize(new Rng(2)).train();
    using optimizer = new AdamW(model.parameters(), { learningRate: 0.01 });
    const step = (i: number): number =>
      scope(() => {
        const loss = crossEntropy(model.forward(intTensor(ids(i % 3))), intTensor([0, 1, 2, 1]));
        backward(loss);
        clipGradientNorm(model.parameters(), 1);
        optimizer.step();
        optimizer.zeroGrad();
        return loss.item();
      });
    const first = step(0);
    const live = liveBytes();
    let last = first;
    for (let i = 1; i <= 200; i++) last = step(i);
    expect(liveBytes()).toBe(live);
    expect(last).toBeLessThan(first / 2);
  });

  test("train(): reports every step, frees every step", async () => {
    using model = new TinyTransformer(new Rng(1)).initialize(new Rng(2)).train();
    using optimizer = new AdamW(model.parameters(), { learningRate: 0.01 });
    const live: number[] = [];
    const loss = (step: number): Tensor => crossEntropy(model.forward(intTensor(ids(step))), intTensor([0, 1, 2, 1]));
    await train({
      optimizer,
      steps: 20,
      loss,
      maxGradientNorm: 1,
      schedule: (step) => 0.01 / step,
      onStep: ({ step, steps, learningRate, gradientNorm }) => {
        live.push(liveBytes());
        expect([steps, learningRate]).toEqual([20, 0.01 / step]);
        expect(gradientNorm).toBeGreaterThan(0);
      },
    });
    expect(new Set(live).size).toBe(1);
    expect(live).toHaveLength(20);
  });
});

test("options for an engine that runs already are refused; after shutdown it starts anew", async () => {
  await expect(init({ threads: 1 })).rejects.toThrow(
    "init: the engine has started already; give its options with the first init(), or call shutdown() first",
  );
  expect(await init()).toBe(engine());
  const old = tensor([1]);
  shutdown();
  expect(() => old.toTypedArray()).toThrow("a (1,) tensor was used after its engine's end, shutdown()");
  expect(() => engine()).toThrow("the engine has not started: `await init()` first");
  expect(() => tensor([1])).toThrow("the engine has not started: `await init()` first");
  await init({ threads: 1, simd: "plain" });
  expect(engine().simd).toBe("plain");
  tensor([7]).dispose(); // something else lies there now
  expect(() => scope(() => add(old, old))).toThrow("a (1,) tensor was used after its engine's end, shutdown()");
  old.dispose();
});

test("what was never freed is counted when it is collected as garbage, and nothing else", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const collected = async (): Promise<{ readonly tensors: number; readonly bytes: number }> => {
    for (let i = 0; i < 5; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return forgotten();
  };
  shutdown();
  await init();
  const spared: Float32Array[] = [];
  (() => {
    ones([8]).dispose();
    scope(() => void add(ones([8]), 1));
    noGrad(() => scope(() => scope(() => ones([8])))).dispose();
    new Linear(4, 4).dispose();
    add(ones([8]), 1); // two of 32 bytes
    keep(scope(() => keep(ones([4])))); // 16
    void new Linear(4, 2); // a weight of 32 and a bias of 8
    spared.push(ones([2]).data); // its tensor is lost, and its memory stays
  })();
  expect(await collected()).toEqual({ tensors: 6, bytes: 8 + 2 * 32 + 16 + 32 + 8 });
  expect(spared[0]).toEqual(new Float32Array([1, 1]));
  shutdown();
  expect(forgotten()).toEqual({ tensors: 0, bytes: 0 });
  await init();
});
