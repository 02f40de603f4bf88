import type { Option } from "commander";
import type { Call } from "./call.ts";

/** A command of `x`. */
export interface CommandSpec {
  readonly name: string;
  /** After "x <name> --help", and in the list of commands. */
  readonly summary: string;
  /** What its arguments, or the lines of standard input, are. None: it takes none. */
  readonly inputs?: string | undefined;
  /** Beside those that every command takes. */
  readonly options: readonly Option[];
  readonly example: string;
  /** Whether workers compute, which are told how many threads they have: then nothing is started in this one. */
  readonly hasWorkers?: true | undefined;
  run(call: Call): Promise<void>;
}

export const texts = "texts; without any, lines of standard input";
export const pictures = "files, folders or addresses of pictures; without any, lines of standard input that name them";
