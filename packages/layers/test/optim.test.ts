/** Optimizers, clipping and schedules: ten steps of PyTorch's (tools/reference/layers.py), state, and the papers' numbers. */
import { checkForLeaks, expectClose, Golden } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  AdamW,
  clipGradientNorm,
  constant,
  cosineWithWarmup,
  decayMatricesOnly,
  init,
  keep,
  linearWithWarmup,
  liveBytes,
  noam,
  type Optimizer,
  Parameter,
  scope,
  SGD,
  tensor,
} from "../src/index.ts";

let golden: Golden;
beforeAll(async () => {
  await init({ threads: 1 });
  golden = await Golden.read(new URL("../golden/layers.safetensors", import.meta.url));
});
checkForLeaks();

const STEPS = 10;
const names = ["matrix", "vector"] as const;

/** The golden file's two parameters. */
class Start implements Disposable {
  readonly matrix = new Parameter([3, 4]);
  readonly vector = new Parameter([5]);
  readonly all = [this.matrix, this.vector];

  constructor() {
    for (const [i, parameter] of this.all.entries()) parameter.data.set(golden.values(`optim.${names[i]}`));
  }

  /** Gradients of step t, as `backward` would leave them. */
  setGradients(t: number): void {
    for (const [i, parameter] of this.all.entries()) {
      parameter.zeroGrad();
      parameter.grad = keep(golden.tensor(`optim.gradient.${t}.${names[i]}`));
    }
  }

  [Symbol.dispose](): void {
    for (const parameter of this.all) parameter.dispose();
  }
}

function expectStep(parameters: { all: readonly Parameter[] }, name: string, t: number): void {
  for (const [i, { data }] of parameters.all.entries()) {
    expectClose(data, golden.values(`optim.${name}.${t}.${names[i]}`), `${names[i]} after step ${t}`, 1e-6);
  }
}

const groups = ({ matrix, vector }: Start) => [
  { parameters: [matrix], weightDecay: 0.1 },
  { parameters: [vector], weightDecay: 0, learningRateScale: 0.5 },
];

const optimizers: Readonly<Record<string, (parameters: Start) => Optimizer>> = {
  adamw: ({ all }) => new AdamW(all, { learningRate: 0.01 }),
  adamwOptions: ({ all }) => new AdamW(all, { learningRate: 0.003, beta1: 0.8, beta2: 0.95, eps: 1e-4, weightDecay: 0.2 }),
  adamwGroups: (parameters) => new AdamW(groups(parameters), { learningRate: 0.01 }),
  sgd: ({ all }) => new SGD(all, { learningRate: 0.1 }),
  sgdMomentum: ({ all }) => new SGD(all, { learningRate: 0.05, momentum: 0.9, weightDecay: 0.1 }),
  sgdGroups: (parameters) => new SGD(groups(parameters), { learningRate: 0.01, momentum: 0.5 }),
};

describe("ten steps of PyTorch's", () => {
  test.for(Object.entries(optimizers))("%s", ([name, make]) => {
    using parameters = new Start();
    using optimizer = make(parameters);
    for (let t = 0; t < STEPS; t++) {
      parameters.setGradients(t);
      optimizer.step();
      expectStep(parameters, name, t);
    }
    expect(optimizer.steps).toBe(STEPS);
  });

  function walkWithAGap(name: string, make: (parameters: Start) => Optimizer): void {
    using parameters = new Start();
    using optimizer = make(parameters);
    for (let t = 0; t < STEPS; t++) {
      parameters.setGradients(t);
      if (t === 3) parameters.vector.zeroGrad();
      optimizer.step();
      expectStep(parameters, name, t);
    }
  }

  test("sgd, where a parameter has no gradient in step 3", () => {
    walkWithAGap("sgdMomentumMissed", ({ all }) => new SGD(all, { learningRate: 0.05, momentum: 0.9, weightDecay: 0.1 }));
  });

  // Each parameter's own steps count for the bias corrections, as in PyTorch: a layer thawed late starts gently.
  test("adamw, where a parameter has no gradient in step 3", () => {
    walkWithAGap("adamwMissed", ({ all }) => new AdamW(all, { learningRate: 0.01 }));
  });

  test("adamw with the Transformer's schedule", () => {
    using parameters = new Start();
    using optimizer = new AdamW(parameters.all, { learningRate: 1 });
    const schedule = noam(512);
    for (let t = 0; t < STEPS; t++) {
      parameters.setGradients(t);
      optimizer.learningRate = schedule(t + 1);
      optimizer.step();
      expectStep(parameters, "adamwNoam", t);
    }
  });

  test("sgd of clipped gradients", () => {
    using parameters = new Start();
    using optimizer = new SGD(parameters.all, { learningRate: 0.1 });
    for (let t = 0; t < STEPS; t++) {
      parameters.setGradients(t);
      const norm = clipGradientNorm(parameters.all, 1);
      expect(norm).toBeCloseTo(golden.values("optim.sgdClipped.norms")[t] ?? 0, 5);
      optimizer.step();
      expectStep(parameters, "sgdClipped", t);
    }
  });
});

describe("an optimizer's state", () => {
  test.for(Object.entries(optimizers))("%s goes on from it to the same bits", ([, make]) => {
    using straight = new Start();
    using resumed = new Start();
    using one = make(straight);
    using before = make(resumed);
    using after = make(resumed);
    for (let t = 0; t < STEPS; t++) {
      for (const parameters of [straight, resumed]) parameters.setGradients(t);
      one.step();
      if (t === 4) after.loadState(structuredClone(before.state()));
      (t < 4 ? before : after).step();
    }
    expect(resumed.all.map(({ data }) => [...data])).toEqual(straight.all.map(({ data }) => [...data]));
    expect(after.steps).toBe(STEPS);
  });

  test("is a copy", () => {
    using parameters = new Start();
    using optimizer = new AdamW(parameters.all, { learningRate: 0.1 });
    parameters.setGradients(0);
    optimizer.step();
    const state = optimizer.state();
    const first = state.parameters[0]?.moments[0]?.slice();
    optimizer.step();
    expect(state.parameters[0]?.moments[0]).toEqual(first);
    expect(state.steps).toBe(1);
  });

  test("of other parameters is refused, and changes nothing", () => {
    using parameters = new Start();
    using optimizer = new AdamW(parameters.all, { learningRate: 0.1 });
    using other = new SGD([parameters.vector], { learningRate: 0.1, momentum: 0.9 });
    parameters.setGradients(0);
    for (const one of [optimizer, other]) one.step();
    const state = optimizer.state();
    const message = "loadState: the state is of 2 parameters that don't match this optimizer's 1";
    expect(() => other.loadState(state)).toThrow(expect.objectContaining({ name: "TensorError", message }));
    const reversed = [...state.parameters].reverse();
    const halved = state.parameters.map(({ steps, moments }) => ({ steps, moments: moments.slice(1) }));
    for (const saved of [reversed, halved]) {
      expect(() => optimizer.loadState({ ...state, parameters: saved })).toThrow("that don't match this optimizer's 2");
    }
    expect(optimizer.state()).toEqual(state);
  });

  test("parameters without a gradient stay as they are and get no moments", () => {
    using parameters = new Start();
    using optimizer = new AdamW(parameters.all, { learningRate: 0.1 });
    optimizer.step();
    expectClose(parameters.matrix.toTypedArray(), golden.values("optim.matrix"), "matrix", 0);
    expect(optimizer.state()).toEqual({
      steps: 1,
      parameters: [
        { steps: 0, moments: [] },
        { steps: 0, moments: [] },
      ],
    });
  });

  test("from before a parameter's first step takes its moments away again", () => {
    using parameters = new Start();
    using optimizer = new AdamW(parameters.all, { learningRate: 0.1 });
    const fresh = optimizer.state();
    parameters.setGradients(0);
    optimizer.step();
    optimizer.loadState(fresh);
    expect(optimizer.state()).toEqual(fresh);
  });

  test("sgd without momentum has none to hold", () => {
    using parameters = new Start();
    using optimizer = new SGD(parameters.all, { learningRate: 0.1 });
    parameters.setGradients(0);
    const before = liveBytes();
    optimizer.step();
    expect(liveBytes()).toBe(before);
  });

  test("nothing to train, and a parameter that comes twice, are refused", () => {
    using parameters = new Start();
    const { matrix, vector } = parameters;
    expect(() => new AdamW([], { learningRate: 1 })).toThrow("an optimizer needs at least one parameter");
    expect(() => new SGD([{ parameters: [matrix] }, { parameters: [vector, matrix] }], { learningRate: 1 })).toThrow(
      "an optimizer's parameters must not come twice",
    );
  });
});

test("a disposed one takes no step without what it knew", () => {
  const parameter = new Parameter([2]);
  for (const optimizer of [new AdamW([parameter], { learningRate: 1 }), new SGD([parameter], { learningRate: 1, momentum: 0.9 })]) {
    parameter.grad = tensor([1, 1]);
    optimizer.step();
    const state = optimizer.state();
    const before = [...parameter.data];
    optimizer.dispose();
    optimizer.dispose();
    for (const use of [() => optimizer.step(), () => optimizer.state(), () => optimizer.loadState(state)])
      expect(use).toThrow(`the ${optimizer.constructor.name} was disposed`);
    expect([...parameter.data]).toEqual(before);
    parameter.zeroGrad();
  }
  parameter.dispose();
});

test("decayMatricesOnly: matrices decay, vectors and tokens of one row don't", () => {
  const parameters = [[3, 4], [5], [1, 1, 6], [2, 3, 4, 4], [1, 7]].map((shape) => new Parameter(shape));
  const [matrix, bias, token, kernel, row] = parameters;
  expect(decayMatricesOnly(parameters, 0.1)).toEqual([
    { parameters: [matrix, kernel], weightDecay: 0.1 },
    { parameters: [bias, token, row], weightDecay: 0 },
  ]);
  expect(decayMatricesOnly([parameters[1] as Parameter], 0.1)).toEqual([{ parameters: [bias], weightDecay: 0 }]);
  for (const parameter of parameters) parameter.dispose();
});

describe("clipGradientNorm", () => {
  test("leaves short gradients alone, to the bit", () => {
    scope(() => {
      const parameter = new Parameter([2]);
      parameter.grad = tensor([0.3, 0.4]);
      expect(clipGradientNorm([parameter], 1)).toBeCloseTo(0.5, 6);
      expect([...parameter.grad.toTypedArray()]).toEqual([Math.fround(0.3), Math.fround(0.4)]);
      parameter.dispose();
    });
  });

  test("the norm is over everything together, beyond one block of the kernel", () => {
    scope(() => {
      const parameters = [new Parameter([5000]), new Parameter([3]), new Parameter([2])];
      const [long, short] = parameters;
      for (const parameter of parameters) parameter.data.fill(0);
      if (long && short) {
        long.grad = tensor(new Float32Array(5000).fill(0.1));
        short.grad = tensor([1, 2, 3]);
      }
      const norm = Math.sqrt(5000 * Math.fround(0.1) ** 2 + 14);
      expect(clipGradientNorm(parameters, 2)).toBeCloseTo(norm, 4);
      expectClose(
        short?.grad?.data ?? [],
        [1, 2, 3].map((g) => (g * 2) / norm),
        "clipped",
        1e-6,
      );
      expectClose(long?.grad?.data ?? [], new Float64Array(5000).fill((0.1 * 2) / norm), "clipped", 1e-6);
      for (const parameter of parameters) parameter.dispose();
    });
  });

  test("of no gradients is 0", () => {
    const parameter = new Parameter([2]);
    expect(clipGradientNorm([parameter], 1)).toBe(0);
    parameter.dispose();
  });
});

describe("schedules", () => {
  test("noam: Vaswani et al. 2017, eq. 3, for their base model", () => {
    const schedule = noam(512);
    const rates = [1, 4000, 100_000].map((step) => Number(schedule(step).toPrecision(6)));
    expect(rates).toEqual([1.74693e-7, 6.98771e-4, 1.39754e-4]);
    expect(noam(512, 4000, 2)(10)).toBeCloseTo(2 * schedule(10), 12);
    expect(noam(64, 100)(100)).toBeCloseTo(0.0125, 12);
  });

  test("linearWithWarmup rises from 0, falls to 0 and stays there", () => {
    const schedule = linearWithWarmup(1, 10, 110);
    expect([0, 5, 10, 60, 110, 200].map(schedule)).toEqual([0, 0.5, 1, 0.5, 0, 0]);
    expect(linearWithWarmup(2, 0, 4)(1)).toBe(1.5);
  });

  test("cosineWithWarmup rises from 0, falls along half a cosine to the minimum and stays there", () => {
    const schedule = cosineWithWarmup(1, 10, 110, 0.2);
    const expected = [0, 0.5, 1, 0.2 + 0.4 * (1 + Math.SQRT1_2), 0.6, 0.2, 0.2];
    for (const [i, step] of [0, 5, 10, 35, 60, 110, 300].entries()) expect(schedule(step)).toBeCloseTo(expected[i] ?? 0, 12);
    expect(cosineWithWarmup(1, 0, 10)(10)).toBeCloseTo(0, 12);
  });

  test.for([
    ["linear", linearWithWarmup(0.3, 10, 110)],
    ["cosine", cosineWithWarmup(0.3, 10, 110)],
  ] as const)("%s: Hugging Face's rates, step by step", ([name, schedule]) => {
    const rates = golden.values(`schedule.${name}`);
    expect(rates).toHaveLength(111);
    expectClose(Array.from(rates, (_, step) => schedule(step)), rates, "rates", 3e-8); // prettier-ignore
  });

  test("constant", () => expect([1, 50].map(constant(0.3))).toEqual([0.3, 0.3]));
});
