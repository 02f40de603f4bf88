import type { Remote } from "comlink";

/** What a room's view is given. */
export interface Place<Work> {
  /** Where it shows itself. */
  readonly stage: HTMLElement;
  /** Aborted when the visitor leaves. */
  readonly signal: AbortSignal;
  /** Starts the room's worker and loads its models, with progress on the page. The worker, and all that it holds, ends with the visit. */
  open(): Promise<Remote<Work>>;
  /** Says below the stage what the model is. @param model whose score on what it never saw is told, too: a name in `models.json` */
  note(text: string, model?: string): Promise<void>;
}

/** What runs in the worker is given. */
export interface Tools {
  /** A model's files by name, from beside the page. */
  files(model: string): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>;
  /** How much of what is being loaded has come, from 0 to 1. */
  progress(share: number): void;
}

/** A room's view: fills the stage, and comes back when it is ready to be used. */
export type View<Work> = (place: Place<Work>) => Promise<void>;

/** A room on the table. */
export interface Room {
  readonly id: string;
  readonly title: string;
  /** Its one idea, in a sentence. */
  readonly idea: string;
  readonly group: "See" | "Read" | "See and read" | "Make";
  /** A path or two in a square of 24. */
  readonly icon: string;
  /** The same in code, in few lines. */
  readonly code: string;
  readonly view: () => Promise<View<never>>;
}
