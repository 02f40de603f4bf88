/** What the thread that keeps books and those that compute say to each other. */
import type { Manifest } from "../job.ts";

/** How a thread begins. */
export interface Start {
  readonly location: string;
  readonly manifest: Manifest;
  /** How many threads its kernels take. */
  readonly threads: number;
}

/** One shard, or the first rows of one as a measurement. */
export type Request = { readonly shard: number } | { readonly measure: number };

export type Reply =
  | { readonly ready: true }
  | { readonly progress: number }
  | { readonly done: true }
  | { readonly failed: { readonly name: string; readonly message: string; readonly code?: string | undefined } };
