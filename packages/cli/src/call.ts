/** One call of a command: what came in, what goes out, and what happens to inputs that can't be dealt with. */
import { basename } from "node:path";
import { type BatchOptions, type PretrainedOptions, XError } from "@x/layers";
import { linesOf, nothingIsPiped, standardInput, textual } from "./lines.ts";
import type { Options } from "./options.ts";
import { picturesIn } from "./pictures.ts";
import { type Cell, table } from "./table.ts";
import { bold, complain, Progress, write } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** What is told of one input. */
export interface Told {
  /** With `--json`. */
  readonly record: object;
  /** Without. */
  readonly heading?: string | undefined;
  readonly rows?: readonly (readonly Cell[])[] | undefined;
}

export class Call implements Disposable {
  readonly options: Options;
  readonly signal: AbortSignal;
  /** Its arguments. */
  readonly inputs: readonly string[];
  readonly #progress = new Progress();
  #failures = 0;

  constructor(inputs: readonly string[], options: Options, signal: AbortSignal) {
    this.inputs = inputs;
    this.options = options;
    this.signal = signal;
  }

  /** Whether an input couldn't be dealt with. */
  get failed(): boolean {
    return this.#failures > 0;
  }

  /** Options of loading. */
  get loading(): PretrainedOptions {
    const { cache: cacheDir, dtype: asked } = this.options;
    const dtype = asked === "int8" ? asked : undefined;
    const onProgress: PretrainedOptions["onProgress"] = ({ file, loaded, total }) =>
      this.#progress.show(`loading ${basename(file)}: ${Math.floor((100 * loaded) / total)} % of ${(total / 1e6).toFixed(1)} MB`);
    return { cacheDir, dtype, signal: this.signal, onProgress };
  }

  /** Options of every task. */
  get batch(): BatchOptions {
    return { batchSize: this.options.batchSize, signal: this.signal };
  }

  /** The same of tasks that rank. */
  get ranking(): BatchOptions & { readonly topK: number | undefined } {
    return { ...this.batch, topK: this.options.topK };
  }

  /** What happens to a text that is too long. */
  get cutting(): { readonly truncation: "longestFirst" | "error" } {
    return { truncation: this.options.truncate === true ? "longestFirst" : "error" };
  }

  /** The arguments, or the lines of standard input as they come, by batches. @throws UsageError when there is neither, or what comes isn't text */
  async *texts(): AsyncGenerator<readonly string[], void, void> {
    const { batchSize = 8 } = this.options;
    for await (const inputs of this.#came())
      for (let begin = 0; begin < inputs.length; begin += batchSize) yield inputs.slice(begin, begin + batchSize);
  }

  /** The same, with the pictures that are in a folder in place of it. */
  async *pictures(): AsyncGenerator<readonly string[], void, void> {
    const { batchSize = 8 } = this.options;
    for await (const inputs of this.#came()) {
      let batch: string[] = [];
      for await (const place of picturesIn(inputs, (...bad) => this.#report(...bad))) {
        batch.push(place);
        if (batch.length < batchSize) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    }
  }

  async *#came(): AsyncGenerator<readonly string[], void, void> {
    if (this.inputs.length > 0) return yield this.inputs;
    if (nothingIsPiped()) throw new UsageError("there is nothing to work on: give arguments, or pipe lines in");
    yield* linesOf(textual(standardInput(this.signal)), (line, why) => this.#report(`line ${line}`, why));
  }

  /** Runs a task batch by batch, and tells of each input, if there is something to tell already. One that can't be dealt with is reported, and the rest goes on. */
  async each<Input, Result>(
    batches: AsyncIterable<readonly Input[]>,
    run: (batch: readonly Input[]) => Promise<readonly Result[]>,
    told: (input: Input, result: Result) => Told | undefined,
  ): Promise<void> {
    let count = 0;
    for await (const batch of batches) {
      for (const [input, result] of await this.#results(batch, run)) {
        const known = told(input, result);
        if (known) await this.tell(known);
      }
      count += batch.length;
      if (!process.stdout.isTTY) this.#progress.show(`${count} done`);
    }
  }

  async #results<Input, Result>(
    batch: readonly Input[],
    run: (batch: readonly Input[]) => Promise<readonly Result[]>,
  ): Promise<(readonly [Input, Result])[]> {
    try {
      const results = await run(batch);
      return batch.map((input, i) => [input, results[i] as Result] as const);
    } catch (error) {
      if (this.signal.aborted || !isAboutAnInput(error)) throw error;
      if (batch.length === 1) return this.#report(String(batch[0]), error.message);
      const alone: (readonly [Input, Result])[] = [];
      for (const input of batch) alone.push(...(await this.#results([input], run)));
      return alone;
    }
  }

  /** What is under way, on a terminal. */
  show(what: string): void {
    this.#progress.show(what);
  }

  /** Reports an input that can't be dealt with. */
  fail(input: string, why: string): void {
    this.#report(input, why);
  }

  #report(input: string, why: string): [] {
    this.#failures++;
    this.#progress.hide();
    const name = input.length > 100 ? `${input.slice(0, 100)}…` : input;
    complain(why.startsWith(name) ? why : `${name}: ${why}`);
    return [];
  }

  /** A remark on standard error, which is no failure. */
  warn(what: string): void {
    this.#progress.hide();
    complain(what);
  }

  async tell({ record, heading, rows = [] }: Told): Promise<void> {
    if (process.stdout.isTTY) this.#progress.hide();
    if (this.options.json === true) return write(`${JSON.stringify(record, shortNumbers)}\n`);
    await write(`${heading === undefined ? "" : `${bold(heading)}\n`}${table(rows, heading === undefined ? "" : "  ")}`);
  }

  [Symbol.dispose](): void {
    this.#progress.hide();
  }
}

/** Nothing is wrong with the model, then. By name, so that no package is loaded for its error. */
const isAboutAnInput = (error: unknown): error is XError =>
  error instanceof XError && ["ImageError", "TokenizerError", "ArgumentError"].includes(error.name);

/** Nine digits tell a float32 from all others. */
const shortNumbers = (_: string, value: unknown): unknown => {
  if (value instanceof Float32Array) return Array.from(value);
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;
};
