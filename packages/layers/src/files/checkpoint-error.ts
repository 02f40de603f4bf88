/** The one error of everything that reads or writes a checkpoint. */

/** What a `CheckpointError` knows besides its message; each part is also in the message. */
export interface CheckpointErrorDetails {
  /** The file, address or repository. */
  readonly file?: string | undefined;
  /** The entry's name in that file. */
  readonly tensor?: string | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A checkpoint can't be found, read, trusted, matched or written.
 * The message reads `file: tensor "name": problem (expected …, found …)`.
 */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  readonly file: string | undefined;
  readonly tensor: string | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;

  constructor(problem: string, details: CheckpointErrorDetails = {}) {
    super(describe(problem, details), details.cause === undefined ? {} : { cause: details.cause });
    this.file = details.file;
    this.tensor = details.tensor;
    this.expected = details.expected;
    this.found = details.found;
  }
}

function describe(problem: string, details: CheckpointErrorDetails): string {
  const { file, tensor, expected, found } = details;
  const where = `${file === undefined ? "" : `${file}: `}${tensor === undefined ? "" : `tensor ${quote(tensor)}: `}`;
  const facts = [expected === undefined ? "" : `expected ${expected}`, found === undefined ? "" : `found ${found}`];
  const both = facts.filter((fact) => fact !== "").join(", ");
  return where + problem + (both === "" ? "" : ` (${both})`);
}

/** A name from a file, fit for a message: quoted, escaped, cut at 200 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** What was thrown, in a few words. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** The first 20 of a list and the count of the rest, for a message. */
export function listed(items: readonly string[]): string {
  const shown = items.slice(0, 20).join(", ");
  return items.length > 20 ? `${shown}, … and ${items.length - 20} more` : shown;
}
