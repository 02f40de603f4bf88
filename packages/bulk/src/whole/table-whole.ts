import { optional } from "../optional.ts";
import { columnsIn } from "../part/parquet.ts";
import type { Columns, Row } from "../row.ts";
import { jsonRowOf } from "../source/json-of.ts";
import { exactRows, sourceRow, type Table } from "./table.ts";
import type { Whole } from "./whole.ts";

/** A table as a result: every shard is one transaction. */
export function tableWhole(open: () => Promise<Table>): Whole {
  const count = async (): Promise<number | undefined> => {
    await using table = await open();
    return await table.count();
  };
  return {
    isThere: async () => (await count()) !== undefined,
    async isWhole({ rows }) {
      await using table = await open();
      if ((await table.count()) !== rows) return false;
      const column = await indexedIn(table, rows);
      return column === undefined || (await table.isIndexed(column));
    },
    async make(parts, { rows: numRows, shardSize }) {
      await using table = await open();
      const there = await table.count();
      let columns: Columns | undefined;
      // Shards are added in their order, so those that are there are the first.
      const first = Math.floor((there ?? 0) / shardSize);
      let begin = first * shardSize;
      for await (const part of parts(first)) {
        const read = await rowsOf(part);
        columns ??= { [sourceRow]: "integer", ...read.columns };
        if (there === undefined && begin === 0) await table.create(columns);
        await table.add(
          read.rows.map((row, i) => ({ [sourceRow]: begin + i, ...row })),
          columns,
        );
        begin += read.rows.length;
      }
      const column = await indexedIn(table, numRows);
      if (column !== undefined) await table.index(column);
    },
  };
}

/** The column that is given an index; undefined where every row is looked at. */
const indexedIn = async (table: Table, rows: number): Promise<string | undefined> => (rows > exactRows ? await table.vectors() : undefined);

/** What a part in Parquet holds. */
async function rowsOf(part: Uint8Array): Promise<{ readonly columns: Columns; readonly rows: readonly Row[] }> {
  const { parquetMetadata, parquetReadObjects } = await optional("Parquet", "hyparquet hyparquet-writer", () => import("hyparquet"));
  const file = part.slice().buffer;
  return { columns: await columnsIn(parquetMetadata(file)), rows: (await parquetReadObjects({ file })).map(jsonRowOf) };
}
