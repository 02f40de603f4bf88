import { spawnThread, type Thread } from "#spawn";
import { CoreError } from "../errors.ts";
import { CONTROL } from "./control.ts";

type Kernel = (...values: number[]) => void;

/** Milliseconds that the last thread may go on working after the others have no work left; parts of a job take a thousandth of it. */
const LONGEST_WAIT = 60_000;

/**
 * Fork and join over shared memory. The calling thread works too, so one thread means no pool at all, and it never waits for a sleeping
 * thread: whoever is awake takes units, and only those who entered the job are waited for.
 */
export class ThreadPool implements Disposable {
  readonly #control: Int32Array;
  readonly #values: Float64Array;
  readonly #kernels: readonly Kernel[];
  readonly #names: readonly string[];
  readonly #threads: Thread[];
  readonly #maySleep: boolean = maySleep();

  private constructor(memory: WebAssembly.Memory, names: readonly string[], kernels: readonly Kernel[], threads: Thread[]) {
    this.#control = new Int32Array(memory.buffer, 0, 1024);
    this.#values = new Float64Array(memory.buffer, 0, 512);
    this.#names = names;
    this.#kernels = kernels;
    this.#threads = threads;
  }

  /** Threads that work on a job, the calling one included. */
  get size(): number {
    return this.#threads.length + 1;
  }

  /**
   * Starts `size - 1` threads. Those that can't be started are done without, quietly.
   * @param kernels the instance's exports, in the order of `names`
   */
  static async start(
    size: number,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    names: readonly string[],
    kernels: readonly Kernel[],
  ): Promise<ThreadPool> {
    const control = new Int32Array(memory.buffer, 0, 1024);
    control[CONTROL.entrants] = CONTROL.closed;
    const starting = Array.from({ length: size - 1 }, (_, index) =>
      spawnThread({ module, memory, kernels: names, layout: CONTROL, slot: index + 1 }),
    );
    const threads = (await Promise.allSettled(starting)).flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    return new ThreadPool(memory, names, kernels, threads);
  }

  /**
   * Calls kernel number `kernel` over [0, units) in parts of `grain`.
   * @param call its arguments, with two free places at the end for `begin, end` (and one before for scratch, if any)
   * @throws CoreError when a thread trapped
   */
  launch(kernel: number, units: number, grain: number, call: number[], scratch: number, scratchStride: number): void {
    const control = this.#control;
    const numArguments = call.length - (scratch ? 3 : 2);
    for (let i = 0; i < numArguments; i++) this.#values[CONTROL.firstArgument + i] = call[i] ?? 0;
    control[CONTROL.kernel] = kernel;
    control[CONTROL.units] = units;
    control[CONTROL.grain] = grain;
    control[CONTROL.numArguments] = numArguments;
    control[CONTROL.scratch] = scratch;
    control[CONTROL.scratchStride] = scratchStride;
    Atomics.store(control, CONTROL.failed, 0); // a launch that trapped here too has thrown that instead
    Atomics.store(control, CONTROL.nextUnit, 0);
    Atomics.sub(control, CONTROL.entrants, CONTROL.closed);
    Atomics.add(control, CONTROL.generation, 1);
    if (Atomics.load(control, CONTROL.sleepers) > 0) Atomics.notify(control, CONTROL.generation);

    if (scratch) call[numArguments] = scratch;
    try {
      const run = this.#kernels[kernel] as Kernel;
      for (;;) {
        const first = Atomics.add(control, CONTROL.nextUnit, grain);
        if (first >= units) break;
        call[call.length - 2] = first;
        call[call.length - 1] = Math.min(units, first + grain);
        run.apply(undefined, call);
      }
    } finally {
      Atomics.store(control, CONTROL.nextUnit, units); // a trap here ends the job for the others too
      Atomics.add(control, CONTROL.entrants, CONTROL.closed);
      this.#awaitOthers();
    }
    if (Atomics.exchange(control, CONTROL.failed, 0)) throw new CoreError(`kernel ${this.#names[kernel]} trapped in a thread`);
  }

  /**
   * Spins until whoever entered the job has left it. A late comer raises `entrants` for an instant without having worked; waiting it out is harmless.
   * Where a core is short, the wait gives it away now and then, if this thread may sleep (a browser's main thread may not).
   * @throws CoreError when a thread doesn't come back: its runtime has ended it in the middle of its work
   */
  #awaitOthers(): void {
    const control = this.#control;
    let begun: number | undefined;
    for (let spin = 1; ; spin++) {
      const entrants = Atomics.load(control, CONTROL.entrants);
      if (entrants === CONTROL.closed) return;
      if (spin % CONTROL.spins !== 0) continue;
      if (this.#maySleep) Atomics.wait(control, CONTROL.entrants, entrants, 0.05);
      begun ??= performance.now();
      if (performance.now() - begun > LONGEST_WAIT)
        throw new CoreError("a thread doesn't come back from its work: shutdown(), and begin anew");
    }
  }

  /** Ends the threads. */
  [Symbol.dispose](): void {
    Atomics.store(this.#control, CONTROL.quit, 1);
    Atomics.add(this.#control, CONTROL.generation, 1);
    Atomics.notify(this.#control, CONTROL.generation);
    for (const thread of this.#threads.splice(0)) thread.end();
  }
}

/** Whether this thread may block; a browser's main thread throws. */
function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}
