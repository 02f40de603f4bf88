import type { BlockOwner, Operand } from "./block.ts";
import { CoreError } from "./errors.ts";
import type { DType, WasmMemory } from "./memory.ts";
import type { ThreadPool } from "./threads/pool.ts";

/**
 * Runs one kernel over [0, units).
 * @param call its arguments by name
 * @param unitCost about how many cheap operations a unit takes
 * @param scratchBytes what each thread is lent; default 0, for a kernel that takes no scratch
 */
export type Launch = (call: object, units: number, unitCost: number, scratchBytes?: number) => void;

/** The names that a choice has, in the order of the kernels' numbers from 0 on. A first one that is empty is no choice. */
export type Choices = Readonly<Record<string, readonly string[]>>;

/** What the generated kernels stand on. */
export interface Launcher {
  /**
   * @param parameters the kernel's, in its order, as in "x:f ids:i y:F bias:f? n mode:Mode": operands of float32, int32, either of both (w), or
   * uint8 (b), a capital where they are written; numbers and flags; choices; ? where operands and choices may be missing
   */
  bind(kernel: string, parameters: string, choices: Choices): Launch;
}

interface Parameter {
  readonly name: string;
  /** Of an operand: what it may be of. */
  readonly dtypes: readonly DType[] | undefined;
  readonly isWritten: boolean;
  readonly isOptional: boolean;
  readonly choices: readonly string[] | undefined;
}

type Callable = (...values: number[]) => void;

/** About how many cheap operations make a part of a job worth handing to another thread: some 10 µs. */
const WORTHWHILE = 32768;

/** Calls a core's kernels, alone or on its threads. */
export class KernelLauncher implements Launcher {
  readonly #owner: BlockOwner;
  readonly #memory: WasmMemory;
  readonly #kernels: readonly Callable[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #pool: ThreadPool | undefined;

  /** @param kernels the module's functions, in the order of `names` */
  constructor(owner: BlockOwner, names: readonly string[], kernels: readonly Callable[], pool: ThreadPool | undefined) {
    this.#owner = owner;
    this.#memory = owner.memory;
    this.#kernels = kernels;
    this.#numbers = new Map(names.map((name, number) => [name, number]));
    this.#pool = pool;
  }

  bind(kernel: string, parameters: string, choices: Choices): Launch {
    const all = parameters.split(" ").map((parameter) => parameterOf(parameter, choices));
    const number = this.#numbers.get(kernel);
    return (call, units, unitCost, scratchBytes = 0) => {
      if (units <= 0) return;
      const named = call as Readonly<Record<string, unknown>>;
      const values = new Array<number>(all.length + (scratchBytes > 0 ? 3 : 2));
      for (let i = 0; i < all.length; i++) {
        const parameter = all[i] as Parameter;
        const value = named[parameter.name];
        if (parameter.dtypes) values[i] = this.#addressOf(kernel, parameter, value as Operand | undefined);
        else values[i] = typeof value === "number" ? value : numberOf(kernel, parameter, value);
      }
      if (number === undefined) throw missing(kernel);
      this.#run(number, units, unitCost, values, scratchBytes);
    };
  }

  /** @param values with room at its end for scratch, if there is any, begin and end */
  #run(number: number, units: number, unitCost: number, values: number[], scratchBytes: number): void {
    const grain = roundGrain(Math.max(Math.ceil(WORTHWHILE / Math.max(unitCost, 1)), Math.ceil(units / 64)));
    const pool = grain < units ? this.#pool : undefined;
    const stride = Math.ceil(scratchBytes / 64) * 64;
    const scratch = stride ? this.#memory.allocate(stride * (pool?.size ?? 1)) : 0;
    const end = values.length - 1;
    if (scratch) values[end - 2] = scratch;
    values[end - 1] = 0;
    values[end] = units;
    try {
      if (pool) pool.launch(number, units, grain, values, scratch, stride);
      else (this.#kernels[number] as Callable).apply(undefined, values);
    } finally {
      if (scratch) this.#memory.free(scratch);
    }
  }

  #addressOf(kernel: string, { name, dtypes = [], isWritten, isOptional }: Parameter, operand: Operand | undefined): number {
    if (operand === undefined) {
      if (isOptional) return 0;
      throw new CoreError(`${kernel}: ${name} is missing`);
    }
    const { block } = operand;
    if (!dtypes.includes(operand.dtype)) throw new CoreError(`${kernel}: ${name} must be ${dtypes.join(" or ")}, but is ${operand.dtype}`);
    if (block.core !== this.#owner || this.#owner.ended) {
      throw new CoreError(`${kernel}: ${name} belongs to another engine, or to one that was shut down`);
    }
    if (block.freed) throw new CoreError(`${kernel}: ${name} was used after it was freed`);
    const address = block.address + operand.byteOffset;
    if (isWritten) block.written();
    return address;
  }
}

/** Elementwise kernels may be split at multiples of 64 only; their grain is always that large, so rounding affects no others. */
const roundGrain = (grain: number): number => (grain > 64 ? Math.ceil(grain / 64) * 64 : grain);

/** A flag or a choice as the kernel knows it. */
function numberOf(kernel: string, { name, choices, isOptional }: Parameter, value: unknown): number {
  if (typeof value === "boolean") return Number(value);
  if (!choices) throw new CoreError(`${kernel}: ${name} must be a number, but is ${String(value)}`);
  if (value === undefined && isOptional) return 0;
  const number = choices.indexOf(String(value));
  if (choices[number]) return number;
  throw new CoreError(`${kernel}: ${name} must be one of ${choices.filter(Boolean).join(", ")}, but is ${String(value)}`);
}

const missing = (kernel: string): CoreError => new CoreError(`the WebAssembly module has no kernel ${kernel}: it is of another version`);

const operandTypes: Readonly<Record<string, readonly DType[]>> = { f: ["float32"], i: ["int32"], w: ["float32", "int32"], b: ["uint8"] };

function parameterOf(parameter: string, choices: Choices): Parameter {
  const [name = "", kind = ""] = parameter.split(":");
  const isOptional = kind.endsWith("?");
  const choice = choices[isOptional ? kind.slice(0, -1) : kind];
  const letter = kind.charAt(0);
  const dtypes = choice ? undefined : operandTypes[letter.toLowerCase()];
  const isWritten = letter !== letter.toLowerCase();
  return { name, dtypes, isWritten, isOptional, choices: choice };
}
