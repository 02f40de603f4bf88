/** A file that is wanted whole, from an address: a picture. Fetched as carefully as a model's files. */
import { carefulFetch, IDLE_TIMEOUT, PassingError } from "./careful-fetch.ts";
import { CheckpointError } from "./checkpoint-error.ts";
import { retried } from "./retrying.ts";

export interface DownloadOptions {
  /** The most that may come, in bytes. */
  readonly mostBytes: number;
  /** The option that says so, for the message. */
  readonly limit: string;
  /** Seconds without a sign of life before it is given up. Default 30. */
  readonly idleTimeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What an address (`https:`, `data:`, `blob:`) has.
 * @throws CheckpointError whose message begins with the address, when it can't be had in three attempts; the signal's reason when aborted
 */
export async function download(address: string, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { mostBytes, limit, idleTimeout = IDLE_TIMEOUT, signal } = options;
  const request = carefulFetch(fetch, { idleTimeout, mostBytes, limit, signal });
  const file = address.length > 200 ? `${address.slice(0, 200)}…` : address;
  const attempt = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const response = await request(address);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    await response.body?.cancel();
    const problem = `the server answers ${response.status} ${response.statusText}`.trimEnd();
    if (response.status === 429 || response.status >= 500) throw new PassingError(problem);
    throw new CheckpointError(problem, { file });
  };
  return retried(attempt, file, signal);
}
