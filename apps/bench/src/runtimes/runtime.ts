import type { RuntimeName } from "./names.ts";

/** A program with an entry of its own: `src/child.ts`, `src/fresh/first-output.ts`; and, for commands only, `src/fresh/write-model.ts`. */
export type Program = "child" | "first-output" | "write-model";

export interface Runtime {
  readonly name: RuntimeName;
  /** What to do to have it. */
  readonly howToGet: string;
  /** Undefined when it isn't installed. */
  find(): Promise<FoundRuntime | undefined>;
}

export interface FoundRuntime {
  readonly name: RuntimeName;
  readonly version: string;
  /**
   * Starts a program in a process (or browser) of its own and gives what it says, message by message.
   * @param files a folder that pages may read from, as `/files`
   * @throws Error when the program fails or ends without a word
   */
  run(program: Program, task: unknown, files?: string): AsyncIterable<unknown>;
}
