import { canShareMemory, numCores } from "#spawn";
import { CoreError } from "./errors.ts";
import { FftPlans } from "./fft-plans.ts";
import { type Kernels, STATIC_END } from "./generated/kernels.ts";
import { WasmMemory } from "./memory.ts";
import { detectSimd, type Simd } from "./simd-support.ts";
import { ThreadPool } from "./threads/pool.ts";
import { embeddedModule, withUnsharedMemory } from "./wasm-source.ts";

/** Kernels that take `begin, end`, and so can be launched over a range of units. */
export type KernelName = {
  [K in keyof Kernels]: Kernels[K] extends (...call: infer A) => void ? (A extends [...number[], number, number] ? K : never) : never;
}[keyof Kernels];

/** A kernel's arguments without the `begin, end` that the launcher fills in. */
export type KernelArguments<K extends KernelName> = Parameters<Kernels[K]> extends [...infer A, number, number] ? A : never;

/** A kernel's arguments without the `scratch, begin, end` that the launcher fills in. */
export type ScratchKernelArguments<K extends KernelName> = Parameters<Kernels[K]> extends [...infer A, number, number, number] ? A : never;

export interface CoreOptions {
  /** Threads, the calling one included. Default: the machine's cores, at most 8; 1 where memory can't be shared. */
  readonly threads?: number;
  /** `relaxed` is the fastest; `plain` gives the same bits on every engine. Default: the fastest that the runtime has. */
  readonly simd?: Simd;
  /** The kernels, as bytes or compiled: for runtimes that forbid compiling at run time. Default: what travels inside the package. */
  readonly wasm?: Uint8Array<ArrayBuffer> | WebAssembly.Module;
  /** The most that the memory may grow to, in bytes. Default: 4 GiB, or as much as the runtime grants. */
  readonly maximumBytes?: number;
}

/** About how many cheap operations make a part of a job worth handing to another thread: some 10 µs. */
const WORTHWHILE = 32768;

type Callable = (...values: number[]) => number;

/** One instance of the kernels with its memory and its threads. */
export class Core implements Disposable {
  readonly memory: WasmMemory;
  readonly simd: Simd;
  /** Tables for the Fourier kernels. */
  readonly fftPlans: FftPlans;
  readonly #pool: ThreadPool | undefined;
  readonly #kernels: readonly Callable[];
  readonly #numbers: ReadonlyMap<string, number>;

  private constructor(
    memory: WasmMemory,
    simd: Simd,
    names: readonly string[],
    kernels: readonly Callable[],
    pool: ThreadPool | undefined,
  ) {
    this.memory = memory;
    this.simd = simd;
    this.fftPlans = new FftPlans(memory);
    this.#kernels = kernels;
    this.#numbers = new Map(names.map((name, number) => [name, number]));
    this.#pool = pool;
  }

  /** Threads that work, the calling one included. */
  get threads(): number {
    return this.#pool?.size ?? 1;
  }

  /** @throws CoreError without SIMD, with a foreign module, or with an impossible option */
  static async create(options: CoreOptions = {}): Promise<Core> {
    const threads = options.threads ?? Math.min(numCores(), 8);
    if (!Number.isInteger(threads) || threads < 1) throw new CoreError(`threads must be a whole number from 1 on, but is ${threads}`);
    const simd = options.simd ?? detectSimd();
    if (!simd) throw new CoreError("this runtime's WebAssembly has no 128-bit SIMD, which the kernels need");

    const shared = threads > 1 && canShareMemory();
    const { module, memory, instance } = await instantiate(simd, shared, options);
    const entries = Object.entries(instance.exports).filter((entry): entry is [string, Callable] => typeof entry[1] === "function");
    const names = entries.map(([name]) => name);
    const kernels = entries.map(([, kernel]) => kernel);
    const pool = memory.shared && threads > 1 ? await ThreadPool.start(threads, module, memory.memory, names, kernels) : undefined;
    return new Core(memory, simd, names, kernels, pool);
  }

  /**
   * Runs a kernel over [0, units), on as many threads as the work is worth.
   * @param unitCost about how many cheap operations a unit takes
   */
  launch<K extends KernelName>(kernel: K, units: number, unitCost: number, ...values: KernelArguments<K>): void {
    this.#launch(kernel, units, unitCost, values, 0);
  }

  /** The same for a kernel that takes `scratch` before `begin, end`: each thread is lent `scratchBytes`. */
  launchWithScratch<K extends KernelName>(
    kernel: K,
    units: number,
    unitCost: number,
    scratchBytes: number,
    ...values: ScratchKernelArguments<K>
  ): void {
    this.#launch(kernel, units, unitCost, values, Math.ceil(Math.max(scratchBytes, 1) / 64) * 64);
  }

  /** Calls an exported helper that isn't launched over units. */
  call<K extends keyof Kernels>(name: K, ...values: Parameters<Kernels[K]>): number {
    return this.#kernel(this.#number(name))(...(values as number[]));
  }

  /** Ends the threads. Tensors that live in the memory must not be used any more. */
  [Symbol.dispose](): void {
    this.#pool?.[Symbol.dispose]();
  }

  #launch(name: string, units: number, unitCost: number, values: readonly unknown[], scratchStride: number): void {
    if (units <= 0) return;
    const kernel = this.#number(name);
    const grain = roundGrain(Math.max(Math.ceil(WORTHWHILE / Math.max(unitCost, 1)), Math.ceil(units / 64)));
    const threads = this.#pool && grain < units ? this.#pool.size : 1;
    const scratch = scratchStride ? this.memory.allocate(scratchStride * threads) : 0;
    const call = values as number[]; // a fresh rest array
    if (scratch) call.push(scratch);
    call.push(0, units);
    try {
      if (this.#pool && threads > 1) this.#pool.launch(kernel, units, grain, call, scratch, scratchStride);
      else this.#kernel(kernel).apply(undefined, call);
    } finally {
      if (scratch) this.memory.free(scratch);
    }
  }

  #number(name: string): number {
    const number = this.#numbers.get(name);
    if (number === undefined) throw new CoreError(`the WebAssembly module has no kernel ${name}: it is of another version`);
    return number;
  }

  #kernel(number: number): Callable {
    return this.#kernels[number] as Callable;
  }
}

/** Elementwise kernels may be split at multiples of 64 only; their grain is always that large, so rounding affects no others. */
const roundGrain = (grain: number): number => (grain > 64 ? Math.ceil(grain / 64) * 64 : grain);

async function instantiate(
  simd: Simd,
  shared: boolean,
  options: CoreOptions,
): Promise<{ module: WebAssembly.Module; memory: WasmMemory; instance: WebAssembly.Instance }> {
  const attempt = async (module: WebAssembly.Module, share: boolean) => {
    const memory = new WasmMemory(STATIC_END, share, options.maximumBytes);
    const instance = await WebAssembly.instantiate(module, { env: { memory: memory.memory } });
    return { module, memory, instance };
  };
  const { wasm } = options;
  if (!wasm) return attempt(await embeddedModule(simd, shared), shared);
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
