/** Requests that come while the model computes wait, and then go through it together: nobody waits for company, and a busy server works in large batches. */
import { XError } from "@x/layers";
import { HttpError } from "./http-error.ts";

export interface BatcherOptions {
  /** Most inputs of a batch. */
  readonly maxBatch: number;
  /** Most inputs that wait; what comes beyond is sent away. */
  readonly maxQueue: number;
  /** Told of each batch, how many inputs it has. */
  readonly onBatch: (size: number) => void;
}

interface Waiting<Input, Output> {
  readonly input: Input;
  readonly signal: AbortSignal;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

export class Batcher<Input, Output> {
  readonly #run: (inputs: readonly Input[]) => Promise<readonly Output[]>;
  readonly #options: BatcherOptions;
  #queue: Waiting<Input, Output>[] = [];
  #isRunning = false;

  constructor(run: (inputs: readonly Input[]) => Promise<readonly Output[]>, options: BatcherOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** Inputs that wait. */
  get length(): number {
    return this.#queue.length;
  }

  /**
   * One output for each input, in their order.
   * @throws HttpError 429 when too many wait already; the signal's reason; what the model throws for one of these inputs
   */
  async add(inputs: readonly Input[], signal: AbortSignal): Promise<Output[]> {
    signal.throwIfAborted();
    const { maxQueue } = this.#options;
    if (this.#queue.length > 0 && this.#queue.length + inputs.length > maxQueue)
      throw new HttpError(429, "Overloaded", `${this.#queue.length} inputs wait already, of ${maxQueue} that may`);
    const outputs = Promise.all(
      inputs.map((input) => new Promise<Output>((resolve, reject) => this.#queue.push({ input, signal, resolve, reject }))),
    );
    void this.#pump();
    const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
    return Promise.race([outputs, aborted]);
  }

  async #pump(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#queue.length > 0) {
      this.#queue = this.#queue.filter(({ signal }) => !signal.aborted);
      const batch = this.#queue.splice(0, this.#options.maxBatch);
      if (batch.length === 0) continue;
      this.#options.onBatch(batch.length);
      await this.#compute(batch);
    }
    this.#isRunning = false;
  }

  /** An input that can't be dealt with fails alone. */
  async #compute(batch: readonly Waiting<Input, Output>[]): Promise<void> {
    try {
      const outputs = await this.#run(batch.map(({ input }) => input));
      for (const [i, { resolve }] of batch.entries()) resolve(outputs[i] as Output);
    } catch (error) {
      if (batch.length === 1 || !(error instanceof XError)) for (const { reject } of batch) reject(error);
      else for (const one of batch) await this.#compute([one]);
    }
  }
}
