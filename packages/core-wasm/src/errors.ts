/** Thrown when WebAssembly memory can't hold what was asked for. Nothing that was live is lost. */
export class OutOfMemoryError extends Error {
  override readonly name = "OutOfMemoryError";
  readonly requestedBytes: number;
  readonly liveBytes: number;
  readonly maximumBytes: number;

  constructor(requestedBytes: number, liveBytes: number, maximumBytes: number) {
    super(
      `out of memory: ${megabytes(requestedBytes)} more were needed, ${megabytes(liveBytes)} are live, ` +
        `and this runtime gives at most ${megabytes(maximumBytes)}. ` +
        `Use a smaller batch, free tensors earlier with scope() or using, or a smaller model.`,
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
export class CoreError extends Error {
  override readonly name = "CoreError";
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
