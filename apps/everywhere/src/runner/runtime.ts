import type { Report } from "../suite/suite.ts";

/** Something that runs JavaScript. */
export interface Runtime {
  readonly name: string;
  /** What to do to have it. */
  readonly howToGet: string;
  /** Undefined when it isn't installed. */
  find(): Promise<Found | undefined>;
}

export interface Found {
  readonly version: string;
  /** The suite's report from each of its contexts, as they come. */
  run(): AsyncIterable<ContextReport>;
}

export interface ContextReport {
  /** "main thread, isolated"; empty where there is only one. */
  readonly context: string;
  /** Whether threads can share memory here, so that as many must work as are asked for. */
  readonly mayShare: boolean;
  /** What the suite said, or why it said nothing. */
  readonly outcome: Report | { readonly error: string };
}
