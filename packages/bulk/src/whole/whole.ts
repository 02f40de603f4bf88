/** What the parts of a result become at the end. */
import type { Manifest } from "../job.ts";

export interface Whole {
  /** Whether there is something under its name, whole or not. */
  isThere(): Promise<boolean>;
  isWhole(manifest: Manifest): Promise<boolean>;
  /** Puts the parts together. Called again after a kill, it goes on, and leaves nothing twice. */
  make(parts: Parts, manifest: Manifest): Promise<void>;
}

/** Parts from some shard on, one at a time. */
export type Parts = (firstShard: number) => AsyncIterable<Uint8Array>;
