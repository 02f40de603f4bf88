/** Laws of the Fourier mixing that hold for all lengths, and its tables. */
import { fftPlan } from "@x/core-wasm";
import fc from "fast-check";
import { expectClose, forAll, normal, seed } from "@x/testing";
import { afterEach, beforeAll, expect, test } from "vitest";
import { backward, fourierMix, init, liveBytes, matmul, noGrad, scope, shutdown, subtract, tensor, type Tensor } from "../src/index.ts";
import { engine } from "../src/model.ts";

beforeAll(() => init({ threads: 1 }));
afterEach(() => expect(liveBytes()).toBe(0));

/** Lengths of every kind: powers of two, those of other small factors, primes, products of primes. */
const anyLength = fc.oneof(fc.integer({ min: 1, max: 48 }), fc.constantFrom(64, 75, 96, 97, 121, 143, 197, 384, 509, 512, 768));
const sizes = fc.tuple(fc.integer({ min: 1, max: 2 }), anyLength, fc.integer({ min: 1, max: 40 }));
const cases = fc.tuple(
  fc.oneof(
    sizes,
    sizes.map(([batch, rows, columns]) => [batch, columns, rows] as const),
  ),
  seed,
);

/** x[−n, −h] of every matrix. */
function opposite({ shape, data }: Tensor): Tensor {
  const [, rows = 0, columns = 0] = shape;
  return tensor(
    Float32Array.from(data, (_, i) => {
      const [row, column] = [Math.floor(i / columns) % rows, i % columns];
      const sample = i - row * columns - column;
      return data[sample + ((rows - row) % rows) * columns + ((columns - column) % columns)] ?? Number.NaN;
    }),
    shape,
  );
}

const inner = (a: Tensor, b: Tensor): number => a.data.reduce((total, value, i) => total + value * (b.data[i] ?? Number.NaN), 0);

test("twice is the original and its opposite, times half the number of elements", () =>
  forAll(cases, ([shape, from]) => {
    const x = normal(shape, from);
    const [, rows, columns] = shape;
    const expected = opposite(x).data.map((value, i) => ((value + (x.data[i] ?? 0)) * rows * columns) / 2);
    expectClose(fourierMix(fourierMix(x)).data, expected, `of ${shape.join(" × ")}`, 1e-6);
  }));

test("Parseval: ⟨My, Mx⟩ = ½ND·⟨y, x + opposite x⟩, and ⟨My, x⟩ = ⟨y, Mx⟩", () =>
  forAll(cases, ([shape, from]) => {
    const [x, y] = [normal(shape, from), normal(shape, from + 1)];
    const [mixedX, mixedY] = [fourierMix(x), fourierMix(y)];
    const [, rows, columns] = shape;
    const scale = Math.sqrt(inner(x, x) * inner(y, y));
    const expected = (rows * columns * (inner(y, x) + inner(y, opposite(x)))) / 2;
    expect(Math.abs(inner(mixedY, mixedX) - expected) / (scale * rows * columns)).toBeLessThan(1e-6);
    expect(Math.abs(inner(mixedY, x) - inner(y, mixedX)) / (scale * Math.sqrt(rows * columns))).toBeLessThan(1e-6);
  }));

test("it is what the matrices of cosines and sines give", () =>
  forAll(cases, ([shape, from]) => {
    const [batch, rows, columns] = shape;
    if (batch * rows * columns > 1 << 14) return;
    const x = normal(shape, from);
    const matrix = (length: number, f: (angle: number) => number): Tensor =>
      tensor(
        Float32Array.from({ length: length * length }, (_, i) =>
          f((2 * Math.PI * ((Math.floor(i / length) * (i % length)) % length)) / length),
        ),
        [length, length],
      );
    const product = (f: (angle: number) => number): Tensor => matmul(matmul(matrix(rows, f), x), matrix(columns, f));
    const expected = subtract(product(Math.cos), product(Math.sin));
    expectClose(fourierMix(x).toTypedArray(), expected.data, `of ${shape.join(" × ")}`, 2e-6);
  }));

test("every length from 1 to 130 against float64: one part in 2 million of the largest", () => {
  for (let length = 1; length <= 130; length++) {
    scope(() => {
      const x = normal([1, length], length);
      const expected = Float64Array.from(x.data, (_, k) =>
        x.data.reduce((total, value, h) => total + value * Math.cos((2 * Math.PI * ((h * k) % length)) / length), 0),
      );
      expectClose(fourierMix(x).toTypedArray(), expected, `length ${length}`, 5e-7);
    });
  }
});

test("a constant becomes one number, and one number a wave", () => {
  scope(() => {
    const x = tensor(new Float32Array(12 * 768).fill(0.5), [12, 768]);
    expectClose(
      fourierMix(x).toTypedArray(),
      Float32Array.from(x.data, (_, i) => (i === 0 ? 12 * 384 : 0)),
      "constant",
      1e-6,
    );
    const impulse = tensor(
      Float32Array.from(x.data, (_, i) => (i === 5 * 768 + 100 ? 1 : 0)),
      [12, 768],
    );
    const wave = Float32Array.from(x.data, (_, i) =>
      Math.cos(2 * Math.PI * ((Math.floor(i / 768) * 5) / 12 + (((i % 768) * 100) % 768) / 768)),
    );
    expectClose(fourierMix(impulse).toTypedArray(), wave, "impulse", 1e-6);
  });
});

test("samples don't disturb each other, be they large or not numbers", () => {
  scope(() => {
    const x = normal([3, 10, 14], 1);
    const alone = fourierMix(tensor(x.data.slice(140, 280), [1, 10, 14])).toTypedArray();
    for (const value of [1e30, Number.NaN, Infinity]) {
      x.data.fill(value, 0, 140);
      x.data.fill(-value, 280);
      expect(fourierMix(x).data.slice(140, 280)).toEqual(alone);
    }
  });
});

test("large samples, which are mixed one after the other, are each what they are alone", () => {
  scope(() => {
    const x = normal([3, 1024, 300], 1);
    const together = fourierMix(x).toTypedArray();
    const size = 1024 * 300;
    for (const i of [0, 1, 2]) {
      const alone = tensor(x.data.slice(i * size, (i + 1) * size), [1024, 300]);
      expect(fourierMix(alone).toTypedArray()).toEqual(together.subarray(i * size, (i + 1) * size));
    }
  });
});

test("its gradient is itself", () => {
  scope(() => {
    const [x, dy] = [normal([2, 9, 14], 1), normal([2, 9, 14], 2)];
    x.requiresGrad = true;
    backward(fourierMix(x), dy);
    expect(x.grad?.toTypedArray()).toEqual(fourierMix(dy).data);
  });
});

test("tables are made once for a length, not counted as live, bounded in number, and gone with the engine", async () => {
  const mix = (rows: number): void => scope(() => void fourierMix(normal([rows, 3], 1)));
  const { memory } = engine();
  mix(100);
  const { plan } = fftPlan(engine(), 100);
  const held = memory.tableBytes;
  mix(100);
  expect([fftPlan(engine(), 100).plan, memory.tableBytes]).toEqual([plan, held]);
  for (let rows = 1; rows <= 200; rows++) noGrad(() => mix(rows));
  const full = memory.tableBytes;
  expect(full).toBeLessThan(64 * 32 * 1024);
  for (let rows = 137; rows <= 200; rows++) mix(rows);
  for (let rows = 1; rows <= 200; rows++) mix(rows);
  expect(memory.tableBytes).toBe(full);
  shutdown();
  await init({ threads: 1 });
  expect(engine().memory.tableBytes).toBe(0);
});
