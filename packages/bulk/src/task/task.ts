import type { Json } from "@x/layers/model";
import type { Cells, Columns } from "../row.ts";

/** What is done with every item. A module of one's own exports a function by default that makes one: `(options) => Task | Promise<Task>`. */
export interface Task {
  /** Of the result. */
  readonly columns: Columns;
  /** How many items are run together. Default: all of a shard. */
  readonly chunk?: number | undefined;
  /**
   * A result for every item, a cell for every column. What it gives must depend on the items alone.
   * @throws an error about an item (ArgumentError, ImageError, TokenizerError, TypeError, RangeError) when one is bad, which is then found by trying
   */
  run(items: readonly Json[], onDone: (items: number) => void): Promise<readonly Cells[]>;
  dispose?(): void;
}
