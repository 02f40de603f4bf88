import { type BlockOwner } from "../block.ts";
import { kernelsOf } from "../generated/kernels.ts";
import { STATIC_END } from "../generated/static-end.ts";
import { compileWide } from "#spawn";
import { KernelLauncher } from "../launcher.ts";
import { WasmMemory } from "../memory.ts";
import { detectSimd } from "../simd-support.ts";
import { chooseTile, type Tile, useTile } from "../tile.ts";
import { compiled } from "../wasm-source.ts";
import { differingKernels, type Side } from "./check.ts";

/** The kernels on 256-bit vectors, or why there are none. */
export type Wide =
  | { readonly module: WebAssembly.Module; readonly tile: Tile; readonly refused?: undefined }
  | { readonly refused: string };

type Callable = (...values: number[]) => void;

/**
 * Compiles the relaxed build for 256 bits. V8 calls that experimental: so every kernel is called here once, and gives the same bits as one compiled in the
 * usual way, or else there is no wide mode. What isn't compiled by then never will be for 256 bits.
 * @param wasm the relaxed build
 * @param shared whether the memory is to be
 */
export async function openWide(wasm: Uint8Array<ArrayBuffer>, shared: boolean): Promise<Wide> {
  if (detectSimd() !== "relaxed") return { refused: "this engine has no relaxed SIMD" };
  const usual = await sideOf(await compiled(named("usual", wasm), false), false);
  const end = compileWide();
  if (!end) return { refused: "only Node from 22 on lets a program say that code be compiled for 256 bits" };
  try {
    const module = await compiled(named("wide", wasm), shared);
    const wide = await sideOf(module, shared);
    for (const { owner } of [usual, wide]) useTile(owner.memory.memory, "6x16");
    differingKernels(wide, wide); // now it is compiled for speed
    const differing = differingKernels(usual, wide);
    if (differing.length > 0) return { refused: `this engine's 256-bit code gives other results: ${differing.join(", ")}` };
    const choose = (): Tile => chooseTile(wide.owner, kernelsOf(wide.launcher), "relaxed", ["6x8", "5x16", "6x16"]);
    choose(); // now every tile is compiled, too
    const tile = choose();
    if (!tile.endsWith("x16")) return { refused: `this engine makes no 256-bit code: a tile of ${tile} is as fast as any` };
    return { module, tile };
  } finally {
    end();
  }
}

async function sideOf(module: WebAssembly.Module, shared: boolean): Promise<Side> {
  const owner: BlockOwner = { memory: new WasmMemory(STATIC_END, shared), ended: false };
  const { exports } = await WebAssembly.instantiate(module, { env: { memory: owner.memory.memory } });
  const functions = Object.entries(exports).filter((entry): entry is [string, Callable] => typeof entry[1] === "function");
  const names = functions.map(([name]) => name);
  const kernels = functions.map(([, kernel]) => kernel);
  return { owner, launcher: new KernelLauncher(owner, names, kernels, undefined) };
}

/** The module with an empty custom section of that name at its end: engines keep compiled code for modules they have seen, byte by byte. */
function named(name: string, wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const section = [0, name.length + 1, name.length, ...new TextEncoder().encode(name)];
  const whole = new Uint8Array(wasm.length + section.length);
  whole.set(wasm);
  whole.set(section, wasm.length);
  return whole;
}
