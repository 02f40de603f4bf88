/**
 * The control block that the threads share: the first 4 KiB of the memory, below the module's static data.
 * A job is a kernel, its arguments and a range of units; whoever comes takes the next `grain` units until none are left.
 */
export interface ControlLayout {
  /** Index into the Int32Array: rises by one when a job opens. Sleepers wait on it. */
  readonly generation: number;
  /** How many threads are inside the job; below zero while it is closed. */
  readonly entrants: number;
  /** How many threads sleep and must be notified. */
  readonly sleepers: number;
  /** 1 when the threads shall end. */
  readonly quit: number;
  /** 1 when a thread's kernel trapped. */
  readonly failed: number;
  /** First unit that nobody has taken yet. */
  readonly nextUnit: number;
  readonly kernel: number;
  readonly units: number;
  readonly grain: number;
  readonly numArguments: number;
  /** Byte address of slot 0's scratch, or 0; slot i's begins scratchStride · i bytes further. */
  readonly scratch: number;
  readonly scratchStride: number;
  /** Index into the Float64Array of the first argument: doubles hold every i32, u32 and f32. */
  readonly firstArgument: number;
  /** What is added to `entrants` to close a job. */
  readonly closed: number;
  /** Index of the tile's rows and columns, which matmul-tile.ts among the kernels reads. */
  readonly tile: number;
  /** How often a thread looks for work before it sleeps: some 50 µs. */
  readonly spins: number;
}

// Apart by 64 bytes: what the spinning threads read, and what they write.
export const CONTROL: ControlLayout = {
  generation: 16,
  entrants: 32,
  sleepers: 48,
  nextUnit: 64,
  quit: 80,
  failed: 81,
  kernel: 82,
  units: 83,
  grain: 84,
  numArguments: 85,
  scratch: 86,
  scratchStride: 87,
  firstArgument: 64,
  closed: -65536,
  tile: 1008,
  spins: 20000,
};

/** What a new thread is sent. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Export names in the order that `kernel` counts. */
  readonly kernels: readonly string[];
  readonly layout: ControlLayout;
  /** Which scratch is this thread's: 0 is the calling thread. */
  readonly slot: number;
}
