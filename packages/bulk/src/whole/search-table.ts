import { ArgumentError } from "@x/layers";
import { aText, checkOptions, type RulesOf, wholeFrom } from "@x/layers/model";
import { tableOf } from "../sink.ts";
import { openTable } from "./open-table.ts";
import type { NearRow } from "./table.ts";

export interface SearchTableOptions {
  /** How many rows. Default 5. */
  readonly topK?: number | undefined;
  /** The column of the vectors. Default: the first that has some. */
  readonly column?: string | undefined;
}

const rules: RulesOf<SearchTableOptions> = { topK: wholeFrom(1), column: aText };

/**
 * The rows of a table that `bulk` has filled, or any other with vectors, which are nearest to a vector, the nearest first: without their vectors. Of more than 100 000 rows by the table's index, which now and then misses one.
 * @param place `lancedb:folder#table` or `postgres://host/database#table`
 * @throws ArgumentError when there is no such table, or it has no vectors
 */
export async function searchTable(place: string, vector: Float32Array, options: SearchTableOptions = {}): Promise<readonly NearRow[]> {
  checkOptions("searchTable", options, rules);
  const address = tableOf(place);
  if (!address)
    throw new ArgumentError("searchTable", "a table is lancedb:folder#table or postgres://host/database#table", `${place} came`);
  await using table = await openTable(address);
  const column = options.column ?? (await table.vectors());
  if (column === undefined)
    throw new ArgumentError("searchTable", "a table with vectors is searched", `${place} is not there, or has no vectors`);
  return await table.nearest(vector, options.topK ?? 5, column);
}
