/**
 * What a core can do at most: fused multiply-adds on 128-bit vectors with no loads or stores. Where the runtime has no relaxed SIMD, a
 * multiplication and an addition. The WebAssembly module is put together here, byte by byte:
 *
 *   (func (export "run") (param $count i32)
 *     (local $a v128) (local $sum v128)×12
 *     a = load 0; loop: sum_i = a · a + sum_i for each i; br_if --count; store 16 (sum_0 + … + sum_11))
 */
import { detectSimd } from "@x/core-wasm";
import type { Contender } from "./case.ts";

/** Enough independent chains to hide the latency of an addition, few enough for registers. */
const CHAINS = 12;
const FLOPS_A_TURN = CHAINS * 4 * 2;

const [COUNT, A, FIRST_SUM] = [0, 1, 2];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, value];
const simd = (code: number, ...immediates: number[]): number[] => [0xfd, ...leb(code), ...immediates];
const f32x4Add = simd(0xe4);
const f32x4Mul = simd(0xe6);
const relaxedMadd = simd(0x105);
const ALIGN_16 = 4;

/** A contender that takes as long as `flops` operations would at full speed, on `threads` cores alike. */
export function roofline(flops: number, threads: number): Contender {
  const run = compile(detectSimd() === "relaxed");
  const turns = Math.round(flops / threads / FLOPS_A_TURN);
  return {
    name: "roofline",
    run: () => {
      run(turns);
      return undefined;
    },
  };
}

function compile(fused: boolean): (count: number) => void {
  const sums = Array.from({ length: CHAINS }, (_, i) => FIRST_SUM + i);
  const accumulate = (sum: number): number[] =>
    fused
      ? [...get(A), ...get(A), ...get(sum), ...relaxedMadd, ...set(sum)]
      : [...get(A), ...get(A), ...f32x4Mul, ...get(sum), ...f32x4Add, ...set(sum)];
  const total = sums.slice(1).flatMap((sum) => [...get(sum), ...f32x4Add]);
  const body = [
    [1, CHAINS + 1, 0x7b], // one group of locals: v128
    [...constant(0), ...simd(0, ALIGN_16, 0), ...set(A)], // v128.load
    [0x03, 0x40], // loop
    sums.flatMap(accumulate),
    [...get(COUNT), ...constant(1), 0x6b, 0x22, COUNT], // i32.sub, local.tee
    [0x0d, 0, 0x0b], // br_if 0, end
    [...constant(16), ...get(FIRST_SUM), ...total, ...simd(0x0b, ALIGN_16, 0), 0x0b], // v128.store, end
  ].flat();
  const module = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [1, 0x60, 1, 0x7f, 0]), // type: (i32) → ()
    section(3, [1, 0]),
    section(5, [1, 0, 1]), // one page of memory
    section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]), // export "run"
    section(10, [1, ...leb(body.length), ...body]),
  ].flat();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(module)));
  return exports["run"] as (count: number) => void;
}

const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
