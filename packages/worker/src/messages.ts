/** What main thread and worker tell each other. Each request has a number, which its answers bear. */
import type { CoreOptions } from "@x/layers";

export type Request =
  | { readonly kind: "open"; readonly id: number; readonly task: string; readonly core: CoreOptions; readonly sent: Sent }
  | { readonly kind: "call"; readonly id: number; readonly pipeline: number; readonly sent: Sent }
  | { readonly kind: "close"; readonly pipeline: number }
  | { readonly kind: "abort"; readonly id: number };

export type Answer =
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: SentError }
  | { readonly kind: "progress"; readonly id: number; readonly value: unknown };

/** Arguments on their way. */
export interface Sent {
  /** All but the options. */
  readonly words: readonly unknown[];
  /** Without what stays behind. */
  readonly options: object;
  readonly wantsProgress: boolean;
}

/** An error on its way. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its own properties that can be sent: `where`, `expected`, `found`… */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Where messages go. */
export interface Port<Incoming, Outgoing> {
  post(message: Outgoing, transfer: readonly ArrayBuffer[]): void;
  listen(onMessage: (message: Incoming) => void): void;
}

/** A worker as the main thread holds it. */
export interface Thread extends Port<Answer, Request> {
  /** Told once when it has ended, or couldn't be started. */
  onEnd(told: (why: string) => void): void;
  /** Whether the program may end while it is there. */
  idle(isIdle: boolean): void;
  end(): void;
}
