/** What a query of Postgres gives, by `pg`: through a cursor, some thousand rows at a time, all of one moment. */
import { optional } from "../optional.ts";
import type { Row } from "../row.ts";
import { jsonRowOf } from "./json-of.ts";

/** Rows of a piece. */
const piece = 5000;

/** @param place `postgres://host/database select …` */
export async function* sqlRows(place: string): AsyncGenerator<Row, void, void> {
  const [, address = "", query = ""] = /^(\S+)\s+([^]+)$/.exec(place) ?? [];
  const { default: pg } = await optional("Postgres", "pg", () => import("pg"));
  const client = new pg.Client({
    connectionString: address,
    // Whole numbers of 64 bits, which pg leaves as texts by itself.
    types: {
      getTypeParser: (id, format) =>
        id === pg.types.builtins.INT8 ? BigInt : (pg.types.getTypeParser(id, format) as (text: string) => unknown),
    },
  });
  client.on("error", () => {}); // the query that is under way tells
  await client.connect();
  try {
    await client.query("begin read only");
    await client.query(`declare bulk_rows no scroll cursor for ${query}`);
    for (;;) {
      const { rows } = await client.query<Record<string, unknown>>(`fetch ${piece} from bulk_rows`);
      for (const row of rows) yield jsonRowOf(row);
      if (rows.length < piece) return;
    }
  } finally {
    await client.end();
  }
}

export const isQuery = (place: string): boolean => /^postgres(ql)?:\S+\s+\S/.test(place);
