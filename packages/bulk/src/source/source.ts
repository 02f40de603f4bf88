import type { BadItem, Row } from "../row.ts";

/** Rows, as they come: they are read once, from the beginning to the end. */
export interface Source {
  /** The folder or address that relative names of pictures in it start from. */
  readonly base: string;
  readonly rows: AsyncIterable<Row | BadItem>;
}
