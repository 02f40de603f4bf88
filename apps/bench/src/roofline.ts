/**
 * What a core can do at most in the mode in which our kernels run: multiply-adds with no loads or stores; fused, unless it is the plain one.
 * In the wide mode two vectors after each other are one of 256 bits, which V8 makes of what is loaded and stored 16 bytes apart and treated
 * alike. The WebAssembly module is put together here, byte by byte; "each" is a vector, or a pair:
 *
 *   (func (export "run") (param $count i32)
 *     (local $a each) (local $sum each)×12
 *     a = load 0; sum_i = load 64; loop: sum_i = a · a + sum_i for each i; br_if --count; store 128 (sum_0 + … + sum_11))
 */
import type { Simd } from "@x/core-wasm";
import type { Contender } from "./case.ts";

/** Enough independent chains to hide the latency of an addition, few enough for registers. */
const CHAINS = 12;
const FLOPS_A_TURN = CHAINS * 4 * 2;

const COUNT = 0;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, value];
const simd = (code: number, ...immediates: number[]): number[] => [0xfd, ...leb(code), ...immediates];
const load = (address: number): number[] => [...constant(0), ...simd(0, ALIGN_16, ...leb(address))];
const store = (address: number, value: readonly number[]): number[] => [...constant(0), ...value, ...simd(0x0b, ALIGN_16, ...leb(address))];
const f32x4Add = simd(0xe4);
const f32x4Mul = simd(0xe6);
const relaxedMadd = simd(0x105);
const ALIGN_16 = 4;
const [A_ADDRESS, SUM_ADDRESS, TOTAL_ADDRESS] = [0, 64, 128];

/** A contender that takes as long as `flops` operations would at full speed, on `threads` cores alike. */
export function roofline(flops: number, threads: number, mode: Simd): Contender {
  const vectors = mode === "wide" ? 2 : 1;
  const run = compile(mode !== "plain", vectors);
  const turns = Math.round(flops / threads / FLOPS_A_TURN / vectors);
  return {
    name: "roofline",
    run: () => {
      run(turns);
      return undefined;
    },
  };
}

function compile(fused: boolean, vectors: number): (count: number) => void {
  const halves = Array.from({ length: vectors }, (_, half) => half);
  const chains = Array.from({ length: CHAINS }, (_, i) => i);
  const a = (half: number): number => 1 + half;
  const sum = (i: number, half: number): number => 1 + vectors * (1 + i) + half;
  const each = (code: (i: number, half: number) => readonly number[]): number[] =>
    chains.flatMap((i) => halves.flatMap((half) => code(i, half)));
  const accumulate = (i: number, half: number): number[] =>
    fused
      ? [...get(a(half)), ...get(a(half)), ...get(sum(i, half)), ...relaxedMadd, ...set(sum(i, half))]
      : [...get(a(half)), ...get(a(half)), ...f32x4Mul, ...get(sum(i, half)), ...f32x4Add, ...set(sum(i, half))];
  // All is computed before the first store: a load between the two stores of a pair would keep it apart.
  const totals = each((i, half) => (i === 0 ? [] : [...get(sum(0, half)), ...get(sum(i, half)), ...f32x4Add, ...set(sum(0, half))]));
  const body = [
    [1, vectors * (CHAINS + 1), 0x7b], // one group of locals: v128
    halves.flatMap((half) => [...load(A_ADDRESS + 16 * half), ...set(a(half))]),
    each((i, half) => [...load(SUM_ADDRESS + 16 * half), ...set(sum(i, half))]),
    [0x03, 0x40], // loop
    each(accumulate),
    [...get(COUNT), ...constant(1), 0x6b, 0x22, COUNT], // i32.sub, local.tee
    [0x0d, 0, 0x0b], // br_if 0, end
    totals,
    halves.flatMap((half) => store(TOTAL_ADDRESS + 16 * half, get(sum(0, half)))),
    [0x0b], // end
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
