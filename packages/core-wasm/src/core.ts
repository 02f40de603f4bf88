import { canShareMemory, numCores } from "#spawn";
import { CoreError } from "./errors.ts";
import { Block, type BlockOwner } from "./block.ts";
import { type Kernels, kernelsOf } from "./generated/kernels.ts";
import { STATIC_END } from "./generated/static-end.ts";
import { KernelLauncher } from "./launcher.ts";
import { WasmMemory } from "./memory.ts";
import { type Build, detectSimd, type Simd } from "./simd-support.ts";
import { chooseTile, type Tile, TILES, useTile } from "./tile.ts";
import { ThreadPool } from "./threads/pool.ts";
import { compiled, embedded } from "./wasm-source.ts";

export interface CoreOptions {
  /** Threads, the calling one included, at most 256. Default: the machine's cores, at most 8; 1 where memory can't be shared. */
  readonly threads?: number | undefined;
  /**
   * `relaxed` fuses multiply and add; `plain` gives the same bits on every engine. `wide` compiles the relaxed build for vectors of 256 bits, in Node from
   * 22 on, by an experimental feature of V8: it starts some 0.3 s later and is up to twice as fast. It is checked kernel by kernel at the start; where it
   * can't be had, or isn't right, the relaxed build runs, and `core.refusal` says why. Default: the faster of the two builds that the runtime has.
   */
  readonly simd?: Simd | undefined;
  /** The sums that matrix products keep in registers. Default: the fastest here, by what is known of the engine and a race of 5 ms at most. */
  readonly tile?: Tile | undefined;
  /** The kernels, as bytes or compiled: for runtimes that forbid compiling at run time. Default: what travels inside the package. */
  readonly wasm?: Uint8Array<ArrayBuffer> | WebAssembly.Module | undefined;
  /** The most that the memory may grow to, in bytes. Default: 4 GiB, or as much as the runtime grants. */
  readonly maximumBytes?: number | undefined;
}

/** More would cost memory, and no machine that runs JavaScript has the work for them. */
const MOST_THREADS = 256;

const known: ReadonlySet<string> = new Set(["threads", "simd", "tile", "wasm", "maximumBytes"] satisfies (keyof CoreOptions)[]);

type Callable = (...values: number[]) => void;

/** One instance of the kernels with its memory and its threads. */
export class Core implements BlockOwner, Disposable {
  readonly memory: WasmMemory;
  readonly simd: Simd;
  readonly tile: Tile;
  /** Why the kernels aren't wide though they were to be. */
  readonly refusal: string | undefined;
  readonly kernels: Kernels;
  /** @internal What `kernels` stand on. */
  readonly launcher: KernelLauncher;
  readonly #pool: ThreadPool | undefined;
  #ended = false;

  private constructor({ memory, simd, refusal }: Instantiated, tile: Tile, { names, kernels }: Exports, pool: ThreadPool | undefined) {
    this.memory = memory;
    this.simd = simd;
    this.tile = tile;
    this.refusal = refusal;
    this.launcher = new KernelLauncher(this, names, kernels, pool);
    this.kernels = kernelsOf(this.launcher);
    this.#pool = pool;
  }

  /** Threads that work, the calling one included. */
  get threads(): number {
    return this.#pool?.size ?? 1;
  }

  /** @throws CoreError without SIMD, with a foreign module, or with an impossible option */
  static async create(options: CoreOptions = {}): Promise<Core> {
    const unknown = Object.keys(options).find((name) => !known.has(name));
    if (unknown !== undefined) throw new CoreError(`options are ${[...known].join(", ")}, but "${unknown}" came`);
    const threads = options.threads ?? Math.min(numCores(), 8);
    if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS)
      throw new CoreError(`threads must be a whole number from 1 to ${MOST_THREADS}, but is ${threads}`);
    if (options.tile && !TILES.includes(options.tile))
      throw new CoreError(`tile must be one of ${TILES.join(", ")}, but is ${options.tile}`);
    if (options.maximumBytes !== undefined && !(options.maximumBytes >= 1))
      throw new CoreError(`maximumBytes must be a number from 1 on, but is ${options.maximumBytes}`);
    const shared = threads > 1 && canShareMemory();
    const instantiated = await (options.simd === "wide" ? instantiateWide(shared, options) : instantiate(options.simd, shared, options));
    const { build, module, memory, instance } = instantiated;
    const found = exportsOf(instance);
    const { names, kernels } = found;
    const starting = memory.shared && threads > 1 ? ThreadPool.start(threads, module, memory.memory, names, kernels) : undefined;
    const alone: BlockOwner = { memory, ended: false };
    const chosen = options.tile ?? instantiated.tile;
    const tile = chosen ?? chooseTile(alone, kernelsOf(new KernelLauncher(alone, names, kernels, undefined)), build);
    useTile(memory.memory, tile);
    return new Core(instantiated, tile, found, await starting);
  }

  /** Whether it was shut down. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Memory for `byteLength` bytes. @throws OutOfMemoryError when there isn't so much */
  allocate(byteLength: number): Block {
    const block = new Block(this, byteLength);
    void block.address;
    return block;
  }

  /** The same, taken when it is first used. */
  reserve(byteLength: number): Block {
    return new Block(this, byteLength);
  }

  /** Ends the threads. Blocks of the memory must not be used any more; they can still be released. */
  [Symbol.dispose](): void {
    this.#ended = true;
    this.#pool?.[Symbol.dispose]();
  }
}

interface Instantiated {
  readonly build: Build;
  readonly simd: Simd;
  readonly module: WebAssembly.Module;
  readonly memory: WasmMemory;
  readonly instance: WebAssembly.Instance;
  /** The fastest, where that is known. */
  readonly tile?: Tile | undefined;
  readonly refusal?: string | undefined;
}

interface Exports {
  readonly names: readonly string[];
  readonly kernels: readonly Callable[];
}

/** The module's functions. */
function exportsOf({ exports }: WebAssembly.Instance): Exports {
  const entries = Object.entries(exports).filter((entry): entry is [string, Callable] => typeof entry[1] === "function");
  return { names: entries.map(([name]) => name), kernels: entries.map(([, kernel]) => kernel) };
}

async function attempt(build: Build, module: WebAssembly.Module, shared: boolean, options: CoreOptions): Promise<Instantiated> {
  const memory = new WasmMemory(STATIC_END, shared, options.maximumBytes);
  const instance = await WebAssembly.instantiate(module, { env: { memory: memory.memory } });
  return { build, simd: build, module, memory, instance };
}

/** @param asked the build that is wanted, if one is */
async function instantiate(asked: Build | undefined, shared: boolean, options: CoreOptions): Promise<Instantiated> {
  const build = asked ?? detectSimd();
  if (!build) throw new CoreError("this runtime's WebAssembly has no 128-bit SIMD, which the kernels need");
  const { wasm } = options;
  if (!wasm) {
    try {
      return await attempt(build, await compiled(await embedded(build), shared), shared, options);
    } catch (error) {
      // A runtime may know some of the relaxed instructions and not others: nobody asked for them, so the plain build does.
      if (build === "plain" || asked || !(error instanceof WebAssembly.CompileError)) throw error;
      return instantiate("plain", shared, options);
    }
  }
  if (!(wasm instanceof WebAssembly.Module)) return attempt(build, await compiled(wasm, shared), shared, options);
  try {
    return await attempt(build, wasm, shared, options);
  } catch (error) {
    // A compiled module tells only by failing to link whether its memory is shared.
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    return attempt(build, wasm, !shared, options);
  }
}

/** On 256-bit vectors if they can be had and are right, else as usual. */
async function instantiateWide(shared: boolean, options: CoreOptions): Promise<Instantiated> {
  if (options.wasm instanceof WebAssembly.Module) {
    return {
      ...(await instantiate(undefined, shared, options)),
      refusal: "a module that was compiled already can't be compiled for 256 bits",
    };
  }
  const { openWide } = await import("./wide/wide.ts");
  const wide = await openWide(options.wasm ?? (await embedded("relaxed")), shared);
  if (wide.refused !== undefined) return { ...(await instantiate(undefined, shared, options)), refusal: wide.refused };
  return { ...(await attempt("relaxed", wide.module, shared, options)), simd: "wide", tile: wide.tile };
}
