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
    isWhole: async ({ rows }) => (await count()) === rows,
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
      const [vectors] = Object.entries(columns ?? {}).find(([, type]) => typeof type === "object") ?? [];
      if (vectors !== undefined && numRows > exactRows) await table.index(vectors);
    },
  };
}

/** What a part in Parquet holds. */
async function rowsOf(part: Uint8Array): Promise<{ readonly columns: Columns; readonly rows: readonly Row[] }> {
  const { parquetMetadata, parquetReadObjects } = await optional("Parquet", "hyparquet hyparquet-writer", () => import("hyparquet"));
  const file = part.slice().buffer;
  return { columns: await columnsIn(parquetMetadata(file)), rows: (await parquetReadObjects({ file })).map(jsonRowOf) };
}
