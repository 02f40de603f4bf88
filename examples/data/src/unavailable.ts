/** Data that can't be had on this machine. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";

  /** @param what is missing @param how it is had */
  constructor(what: string, how: string, cause: unknown) {
    super(`${what} can't be had here (it takes ${how})`, { cause });
  }
}
