import type { BlockOwner, Operand } from "./block.ts";
import { CoreError } from "./errors.ts";
import type { FftPlans } from "./fft-plans.ts";
import type { DType, WasmMemory } from "./memory.ts";
import type { ThreadPool } from "./threads/pool.ts";

/**
 * Runs one kernel over [0, units).
 * @param unitCost about how many cheap operations a unit takes
 * @param values its arguments, operands first, in a fresh array
 * @param scratchBytes what each thread is lent, if the kernel takes scratch
 */
export type Launch = (units: number, unitCost: number, values: (Operand | number | undefined)[], scratchBytes?: number) => void;

/** What a Fourier kernel takes for a length. */
export type FftPlan = (length: number) => number;

/** What the generated kernels stand on. */
export interface Launcher {
  /** @param operands as in "x:f ids:i y:F bias:f?": float32, int32 or uint8 (b), a capital where it is written, ? where it may be missing */
  readonly bind: (kernel: string, operands: string) => Launch;
  readonly fftPlan: FftPlan;
}

/** The number that a kernel knows a choice by. @throws CoreError when it isn't among the choices */
export function choice<N extends string>(argument: string, codes: Readonly<Record<N, number>>, name: N): number {
  const code: unknown = codes[name];
  if (typeof code === "number") return code;
  throw new CoreError(`${argument} must be one of ${Object.keys(codes).join(", ")}, but is ${name}`);
}

interface Parameter {
  readonly name: string;
  readonly dtype: DType;
  readonly isWritten: boolean;
  readonly isOptional: boolean;
}

type Callable = (...values: number[]) => void;

/** About how many cheap operations make a part of a job worth handing to another thread: some 10 µs. */
const WORTHWHILE = 32768;

/** Calls a core's kernels, alone or on its threads. */
export class KernelLauncher implements Launcher {
  readonly #owner: BlockOwner;
  readonly #memory: WasmMemory;
  readonly #plans: FftPlans;
  readonly #kernels: readonly Callable[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #pool: ThreadPool | undefined;

  /** @param kernels the module's functions, in the order of `names` */
  constructor(owner: BlockOwner, plans: FftPlans, names: readonly string[], kernels: readonly Callable[], pool: ThreadPool | undefined) {
    this.#owner = owner;
    this.#memory = owner.memory;
    this.#plans = plans;
    this.#kernels = kernels;
    this.#numbers = new Map(names.map((name, number) => [name, number]));
    this.#pool = pool;
  }

  readonly bind = (kernel: string, operands: string): Launch => {
    const parameters = operands === "" ? [] : operands.split(" ").map(parameterOf);
    const number = this.#numbers.get(kernel);
    return (units, unitCost, values, scratchBytes = 0) => {
      if (units <= 0) return;
      for (let i = 0; i < parameters.length; i++) {
        values[i] = this.#addressOf(kernel, parameters[i] as Parameter, values[i] as Operand | undefined);
      }
      if (number === undefined) throw missing(kernel);
      this.#run(number, units, unitCost, values as number[], scratchBytes);
    };
  };

  readonly fftPlan: FftPlan = (length) => this.#plans.pointer(length);

  /** The same by name, for arguments that are numbers already. */
  launch(kernel: string, units: number, unitCost: number, scratchBytes: number, values: number[]): void {
    if (units <= 0) return;
    const number = this.#numbers.get(kernel);
    if (number === undefined) throw missing(kernel);
    this.#run(number, units, unitCost, values, scratchBytes);
  }

  #addressOf(kernel: string, { name, dtype, isWritten, isOptional }: Parameter, operand: Operand | undefined): number {
    if (operand === undefined) {
      if (isOptional) return 0;
      throw new CoreError(`${kernel}: ${name} is missing`);
    }
    const { block } = operand;
    if (operand.dtype !== dtype) throw new CoreError(`${kernel}: ${name} must be ${dtype}, but is ${operand.dtype}`);
    if (block.core !== this.#owner || this.#owner.ended) {
      throw new CoreError(`${kernel}: ${name} belongs to another engine, or to one that was shut down`);
    }
    if (block.freed) throw new CoreError(`${kernel}: ${name} was used after it was freed`);
    const address = block.address + operand.byteOffset;
    if (isWritten) block.written();
    return address;
  }

  /** @param values a fresh array, with room at its end for scratch, begin and end */
  #run(kernel: number, units: number, unitCost: number, values: number[], scratchBytes: number): void {
    const grain = roundGrain(Math.max(Math.ceil(WORTHWHILE / Math.max(unitCost, 1)), Math.ceil(units / 64)));
    const threads = this.#pool && grain < units ? this.#pool.size : 1;
    const stride = Math.ceil(scratchBytes / 64) * 64;
    const scratch = stride ? this.#memory.allocate(stride * threads) : 0;
    if (scratch) values.push(scratch);
    values.push(0, units);
    try {
      if (this.#pool && threads > 1) this.#pool.launch(kernel, units, grain, values, scratch, stride);
      else (this.#kernels[kernel] as Callable).apply(undefined, values);
    } finally {
      if (scratch) this.#memory.free(scratch);
    }
  }
}

/** Elementwise kernels may be split at multiples of 64 only; their grain is always that large, so rounding affects no others. */
const roundGrain = (grain: number): number => (grain > 64 ? Math.ceil(grain / 64) * 64 : grain);

const dtypes: Readonly<Record<string, DType>> = { f: "float32", i: "int32", b: "uint8" };

function parameterOf(operand: string): Parameter {
  const [name = "", letter = ""] = operand.split(":");
  const kind = letter.charAt(0);
  const dtype = dtypes[kind.toLowerCase()];
  if (!dtype) throw new CoreError(`cannot follow the operand ${operand}`);
  return { name, dtype, isWritten: kind !== kind.toLowerCase(), isOptional: letter.endsWith("?") };
}

const missing = (kernel: string): CoreError => new CoreError(`the WebAssembly module has no kernel ${kernel}: it is of another version`);
