/** What an error says besides its message, as far as it can be said in a few words; each part is in the message, too. */
export interface ErrorDetails {
  /** Where it happened: an op, a file, an option. */
  readonly where?: string | undefined;
  readonly expected?: string | undefined;
  /** What came instead. */
  readonly found?: string | undefined;
  readonly cause?: unknown;
}

/** What every error of these packages is: `error instanceof XError`, whichever of them threw it. */
export class XError extends Error {
  override readonly name: string = "XError";
  readonly where: string | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;

  constructor(message: string, { where, expected, found, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.where = where;
    this.expected = expected;
    this.found = found;
  }
}

/** Thrown when WebAssembly memory can't hold what was asked for. Nothing that was live is lost. */
export class OutOfMemoryError extends XError {
  override readonly name = "OutOfMemoryError";
  readonly requestedBytes: number;
  readonly liveBytes: number;
  readonly maximumBytes: number;

  constructor(requestedBytes: number, liveBytes: number, maximumBytes: number) {
    super(
      `out of memory: ${megabytes(requestedBytes)} more were needed, ${megabytes(liveBytes)} are live, ` +
        `and this runtime gives at most ${megabytes(maximumBytes)}. ` +
        `Use a smaller batch, free tensors earlier with scope() or using, or a smaller model.`,
      { where: "memory" },
    );
    this.requestedBytes = requestedBytes;
    this.liveBytes = liveBytes;
    this.maximumBytes = maximumBytes;
  }
}

/**
 * Thrown when the engine can't start (no SIMD, a module that isn't ours, an impossible option), and when a kernel can't: an operand of another dtype,
 * of another engine, or freed.
 */
export class CoreError extends XError {
  override readonly name = "CoreError";
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
