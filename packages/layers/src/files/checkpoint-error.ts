/** The one error of everything that reads or writes a checkpoint. */
import { isError } from "../errors.ts";
import { type ErrorDetails, XError } from "@x/core-wasm";

/** What a `CheckpointError` knows besides its message; each part is also in the message. */
export interface CheckpointErrorDetails extends Omit<ErrorDetails, "where"> {
  /** The file, address or repository. */
  readonly file?: string | undefined;
  /** The entry's name in that file. */
  readonly tensor?: string | undefined;
}

/**
 * A checkpoint can't be found, read, trusted, matched or written.
 * The message reads `file: tensor "name": problem (expected …, found …)`.
 */
export class CheckpointError extends XError {
  override readonly name: string = "CheckpointError";
  readonly file: string | undefined;
  readonly tensor: string | undefined;

  constructor(problem: string, details: CheckpointErrorDetails = {}) {
    const { file, tensor, expected, found } = details;
    const where = joined([file, tensor === undefined ? undefined : `tensor ${quote(tensor)}`], ": ") || undefined;
    const facts = joined(
      [expected === undefined ? undefined : `expected ${expected}`, found === undefined ? undefined : `found ${found}`],
      ", ",
    );
    super(joined([where, problem], ": ") + (facts && ` (${facts})`), { ...details, where });
    this.file = file;
    this.tensor = tensor;
  }
}

const joined = (parts: readonly (string | undefined)[], between: string): string =>
  parts.filter((part) => part !== undefined).join(between);

/** A name from a file, fit for a message: quoted, escaped, cut at 200 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** What was thrown, in a few words: with what it was thrown for, and what can be done about it. */
export function reasonOf(cause: unknown): string {
  if (!isError(cause)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  const advice = advices.find(([codes]) => codes.test(code))?.[1];
  const own = `${cause.message || code}${advice === undefined ? "" : `; ${advice}`}`;
  const deeper = isError(cause.cause) ? reasonOf(cause.cause) : "";
  return own.includes(deeper) ? own : `${own}: ${deeper}`;
}

const advices = [
  [/^(ENOTFOUND|EAI_AGAIN)$/, "no address is known for this name: is there a network, and is the name right?"],
  [/^(ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, "behind a proxy, Node wants NODE_USE_ENV_PROXY=1"],
  [/CERT|SIGNATURE|ERR_TLS/, "the certificate isn't trusted; a company's own is told by NODE_EXTRA_CA_CERTS"],
] as const;

/** The first 20 of a list and the count of the rest, for a message. */
export function listed(items: readonly string[]): string {
  const shown = items.slice(0, 20).join(", ");
  return items.length > 20 ? `${shown}, … and ${items.length - 20} more` : shown;
}
