import { at, Block, type BlockOwner } from "./block.ts";
import { type Kernels, packedPanelsLength } from "./generated/kernels.ts";
import type { Build } from "./simd-support.ts";
import { CONTROL } from "./threads/control.ts";

/**
 * Rows × columns of the sums that a product keeps in registers. Which one is the fastest depends on the engine, by up to a factor of two: on the
 * registers that it has left, on whether it fuses a product and a sum, and on whether it makes 256 bits of neighbouring 128. Results don't depend on it.
 */
export type Tile = "4x8" | "5x8" | "6x8" | "4x16" | "5x16" | "6x16";

export const TILES: readonly Tile[] = ["4x8", "5x8", "6x8", "4x16", "5x16", "6x16"];

/** Those that are the fastest somewhere. */
const candidates: Readonly<Record<Build, readonly Tile[]>> = { plain: ["4x8", "5x8", "5x16"], relaxed: ["6x8", "4x8", "6x16"] };

/** Milliseconds that tiles are timed for, at most, and for how long after the last of them has become fast. */
const LONGEST_RACE = 5;
const LAST_LAP = 0.5;

/** A tile replaces the one that is likely the fastest when it is faster by so much. */
const CLEARLY = 1.1;
/** An engine has compiled a tile for speed when it runs this much faster than at first. */
const SPED_UP = 2;
/** Laps that are "at first": in one of them the process may have been interrupted. */
const FIRST_LAPS = 5;
/** Laps that a race has at least, to count: on a busy machine it may have one or two, and the first is slow for whoever comes first. */
const FEWEST_LAPS = 10;

/** From now on products use that tile. Not while one runs, nor between packing and multiplying. */
export function useTile(memory: WebAssembly.Memory, tile: Tile): void {
  new Int32Array(memory.buffer).set(tile.split("x").map(Number), CONTROL.tile);
}

/** The tile that is the fastest here: what is known of the engine, or the usual one unless a race of a few milliseconds shows that another is clearly faster. */
export function chooseTile(owner: BlockOwner, kernels: Kernels, build: Build, tiles: readonly Tile[] = candidates[build]): Tile {
  const known = knownTile(owner, kernels, build);
  if (known !== undefined) return known;
  const usual = candidates[build][0] as Tile;
  const { memory } = owner.memory;
  const [m, k, n] = [24, 256, 32]; // whole groups and panels of every tile, in cache
  using block = new Block(owner, 4 * (m * k + packedPanelsLength(k, n) + m * n));
  const rows = block.as("float32");
  const panels = at(rows, m * k);
  const product = { rows, panels, y: at(panels, packedPanelsLength(k, n)), batch: 1, m, k, n, accumulate: false };
  const strides = { rowsBatchStride: 0, panelsBatchStride: 0, yBatchStride: 0, yRowStride: n };
  block.view("float32", 0, block.byteLength / 4).fill(0);
  const milliseconds = race(tiles, (tile) => {
    useTile(memory, tile);
    for (let i = 0; i < 2; i++) kernels.matmul({ ...product, ...strides });
  });
  const fastest = tiles.reduce((best, tile) => (time(milliseconds, tile) < time(milliseconds, best) ? tile : best), usual);
  return CLEARLY * time(milliseconds, fastest) < time(milliseconds, usual) ? fastest : usual;
}

const time = (milliseconds: ReadonlyMap<Tile, number>, tile: Tile): number => milliseconds.get(tile) ?? Infinity;

/**
 * Of engines where a race tells little. SpiderMonkey has a register less than V8, and coarse clocks. JavaScriptCore has tiers between slow and fast; on
 * x86-64 it doesn't fuse, and keeps up with large tiles only.
 */
function knownTile(owner: BlockOwner, kernels: Kernels, build: Build): Tile | undefined {
  if ("InternalError" in globalThis) return build === "plain" ? "5x8" : "4x8"; // SpiderMonkey alone has it
  if (build === "plain") return undefined;
  using block = new Block(owner, 16);
  const [x, size] = [block.as("float32"), 4];
  const number = 1 + 2 ** -12;
  block.view("float32", 0, size).fill(number);
  kernels.scaleAndShift({ x, y: x, size, scale: number, shift: -1 - 2 ** -11 }); // 2⁻²⁴, which rounding the product loses
  return block.view("float32", 0, 1)[0] === 0 ? "6x16" : undefined;
}

/**
 * The shortest time of each tile, in turns. Engines begin with code that is made quickly and is slow, and make better code when it has run for a while:
 * nothing is known, and the map empty, when by the end some tiles have sped up and others haven't, or after too few laps.
 */
function race(tiles: readonly Tile[], run: (tile: Tile) => void): ReadonlyMap<Tile, number> {
  const [first, shortest] = [new Map<Tile, number>(), new Map<Tile, number>()];
  const spedUp = new Set<Tile>();
  const begun = performance.now();
  let end = begun + LONGEST_RACE;
  let laps = 0;
  for (let now = begun; now < end; laps++) {
    for (const tile of tiles) {
      const start = now;
      for (let turns = 1; ; turns++) {
        run(tile);
        now = performance.now();
        if (now === start) continue; // a coarse clock
        const milliseconds = (now - start) / turns;
        if (laps < FIRST_LAPS) first.set(tile, Math.min(milliseconds, time(first, tile)));
        shortest.set(tile, Math.min(milliseconds, time(shortest, tile)));
        break;
      }
      if (laps < FIRST_LAPS || spedUp.has(tile) || time(first, tile) < SPED_UP * time(shortest, tile)) continue;
      spedUp.add(tile);
      if (spedUp.size === tiles.length) end = Math.min(end, now + LAST_LAP);
    }
  }
  const tells = laps >= FEWEST_LAPS && (spedUp.size === 0 || spedUp.size === tiles.length);
  return tells ? shortest : new Map();
}
