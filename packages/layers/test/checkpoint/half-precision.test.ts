import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "../../src/formats/half-precision.ts";
import { fixturePath, memory } from "./helpers.ts";

const every = Uint16Array.from({ length: 65_536 }, (_, i) => i);

/** IEEE 754-2019 §3.4, in doubles. */
function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

test("every float16 widens to its value: denormals, −0, infinities and NaN included", () => {
  const out = new Float32Array(65_536 + 2);
  float16ToFloat32(every, out, 2);
  const wrong = [...every].filter((half) => !Object.is(out[half + 2], Math.fround(float16Value(half))));
  expect(wrong).toEqual([]);
});

test("every float16 and bfloat16 that isn't NaN survives there and back", () => {
  for (const [widen, narrow, exponent] of [
    [float16ToFloat32, float32ToFloat16, 0x7c00],
    [bfloat16ToFloat32, float32ToBfloat16, 0x7f80],
  ] as const) {
    const wide = new Float32Array(65_536);
    const back = new Uint16Array(65_536);
    widen(every, wide, 0);
    narrow(wide, 0, back);
    const wrong = [...every].filter((half) => (half & 0x7fff) <= exponent && back[half] !== half);
    expect(wrong).toEqual([]);
    const nans = [...every].filter((half) => (half & 0x7fff) > exponent);
    expect(nans.every((half) => ((back[half] ?? 0) & 0x7fff) > exponent)).toBe(true);
  }
});

test("narrowing rounds as PyTorch does, on 10,113 numbers: random bits, ties, denormals, overflow", async () => {
  const checkpoint = await openCheckpoint(fixturePath("rounding.safetensors"));
  const count = checkpoint.entries.get("float32")?.shape[0] ?? 0;
  const numbers = memory([count]);
  const half = memory([count], { ints: true });
  const brain = memory([count], { ints: true });
  await checkpoint.readInto([
    ["float32", numbers],
    ["float16", half],
    ["bfloat16", brain],
  ]);
  const values = numbers.view();
  if (!(values instanceof Float32Array)) throw new Error("float32 expected");
  const ours = new Uint16Array(count);
  for (const [narrow, torch, exponent] of [
    [float32ToFloat16, half, 0x7c00],
    [float32ToBfloat16, brain, 0x7f80],
  ] as const) {
    narrow(values, 0, ours);
    const isNaNBits = (bits: number): boolean => (bits & 0x7fff) > exponent;
    const wrong = [...ours].filter((bits, i) => {
      const want = (torch.numbers[i] ?? 0) & 0xffff;
      return bits !== want && !(isNaNBits(bits) && isNaNBits(want));
    });
    expect(wrong).toEqual([]);
  }
  expect(count).toBe(10_113);
});

test("float16: the nearest, and of two equally near the even one", () => {
  const sorted = [...every].filter((half) => half < 0x7c00);
  fc.assert(
    fc.property(fc.float({ min: 0, max: 65_504, noNaN: true }), (value) => {
      const bits = new Uint16Array(1);
      float32ToFloat16(new Float32Array([value]), 0, bits);
      const ours = bits[0] ?? 0;
      const distance = (half: number): number => Math.abs(float16Value(half) - value);
      for (const other of [ours - 1, ours + 1].filter((half) => half >= 0 && half < sorted.length)) {
        expect(distance(ours)).toBeLessThanOrEqual(distance(other));
        if (distance(ours) === distance(other)) expect(ours % 2).toBe(0);
      }
    }),
    { numRuns: 5000 },
  );
});
