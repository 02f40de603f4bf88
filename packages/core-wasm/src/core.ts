import { canShareMemory, numCores } from "#spawn";
import { CoreError } from "./errors.ts";
import { Block, type BlockOwner } from "./block.ts";
import { type Kernels, kernelsOf } from "./generated/kernels.ts";
import { STATIC_END } from "./generated/static-end.ts";
import { KernelLauncher } from "./launcher.ts";
import { WasmMemory } from "./memory.ts";
import { detectSimd, type Simd } from "./simd-support.ts";
import { chooseTile, type Tile, TILES, useTile } from "./tile.ts";
import { ThreadPool } from "./threads/pool.ts";
import { embeddedModule, withUnsharedMemory } from "./wasm-source.ts";

export interface CoreOptions {
  /** Threads, the calling one included, at most 256. Default: the machine's cores, at most 8; 1 where memory can't be shared. */
  readonly threads?: number | undefined;
  /** `relaxed` is the fastest; `plain` gives the same bits on every engine. Default: the fastest that the runtime has. */
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
  readonly kernels: Kernels;
  /** @internal What `kernels` stand on. */
  readonly launcher: KernelLauncher;
  readonly #pool: ThreadPool | undefined;
  #ended = false;

  private constructor(
    memory: WasmMemory,
    simd: Simd,
    tile: Tile,
    names: readonly string[],
    kernels: readonly Callable[],
    pool: ThreadPool | undefined,
  ) {
    this.memory = memory;
    this.simd = simd;
    this.tile = tile;
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
    const fastest = options.simd ?? detectSimd();
    if (!fastest) throw new CoreError("this runtime's WebAssembly has no 128-bit SIMD, which the kernels need");

    const shared = threads > 1 && canShareMemory();
    const { simd, module, memory, instance } = await instantiate(fastest, shared, options);
    const entries = Object.entries(instance.exports).filter((entry): entry is [string, Callable] => typeof entry[1] === "function");
    const names = entries.map(([name]) => name);
    const kernels = entries.map(([, kernel]) => kernel);
    const starting = memory.shared && threads > 1 ? ThreadPool.start(threads, module, memory.memory, names, kernels) : undefined;
    const alone: BlockOwner = { memory, ended: false };
    const tile = options.tile ?? chooseTile(alone, kernelsOf(new KernelLauncher(alone, names, kernels, undefined)), simd);
    useTile(memory.memory, tile);
    return new Core(memory, simd, tile, names, kernels, await starting);
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
  readonly simd: Simd;
  readonly module: WebAssembly.Module;
  readonly memory: WasmMemory;
  readonly instance: WebAssembly.Instance;
}

async function instantiate(simd: Simd, shared: boolean, options: CoreOptions): Promise<Instantiated> {
  const attempt = async (module: WebAssembly.Module, share: boolean): Promise<Instantiated> => {
    const memory = new WasmMemory(STATIC_END, share, options.maximumBytes);
    const instance = await WebAssembly.instantiate(module, { env: { memory: memory.memory } });
    return { simd, module, memory, instance };
  };
  const { wasm } = options;
  if (!wasm) {
    try {
      return await attempt(await embeddedModule(simd, shared), shared);
    } catch (error) {
      // A runtime may know some of the relaxed instructions and not others: nobody asked for them, so the plain build does.
      if (simd === "plain" || options.simd || !(error instanceof WebAssembly.CompileError)) throw error;
      return instantiate("plain", shared, options);
    }
  }
  if (!(wasm instanceof WebAssembly.Module)) {
    return attempt(await WebAssembly.compile(shared ? wasm : withUnsharedMemory(wasm)), shared);
  }
  try {
    return await attempt(wasm, shared);
  } catch (error) {
    // A compiled module tells only by failing to link whether its memory is shared.
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    return attempt(wasm, !shared);
  }
}
