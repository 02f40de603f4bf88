import type { Json } from "@x/layers/model";

/** What an entry is called: by whoever added it, or, unless they did, by a running number. */
export type EntryId = string | number;

export interface Entry<Payload extends Json = Json> {
  readonly id: EntryId;
  /** What was added with it; null if nothing was. */
  readonly payload: Payload | null;
}
