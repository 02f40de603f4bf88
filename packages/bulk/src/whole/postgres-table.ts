/** Postgres with the extension pgvector, by `pg`. */
import { optional } from "../optional.ts";
import type { Columns, ColumnType, Row } from "../row.ts";
import { jsonRowOf } from "../source/json-of.ts";
import { sourceRow, type Table } from "./table.ts";

/** Greatest number that pgvector takes for its `hnsw.ef_search`. */
const mostOfGraph = 1000;

/** @param name also with a schema before it: `public.texts` */
export async function postgresTable(database: string, name: string): Promise<Table> {
  const { default: pg } = await optional("Postgres", "pg", () => import("pg"));
  const client = new pg.Client(database);
  client.on("error", () => {}); // the query that is under way tells
  await client.connect();
  const quoted = name.split(".").map(pg.escapeIdentifier).join(".");
  const named = pg.escapeIdentifier;

  const isIndexed = async (column: string): Promise<boolean> => {
    const { rowCount } = await client.query(
      "select from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey) where indrelid = to_regclass($1) and attname = $2 and indisvalid",
      [quoted, column],
    );
    return rowCount !== null && rowCount > 0;
  };

  return {
    async count() {
      const {
        rows: [there],
      } = await client.query<{ readonly there: boolean }>("select to_regclass($1) is not null as there", [quoted]);
      if (there?.there !== true) return undefined;
      const { rows } = await client.query<{ readonly count: string }>(`select count(*) from ${quoted}`);
      return Number(rows[0]?.count);
    },
    async create(columns) {
      if (Object.values(columns).some((type) => typeof type === "object")) await client.query("create extension if not exists vector");
      const list = Object.entries(columns).map(
        ([column, type]) => `${named(column)} ${typeOf(type)}${column === sourceRow ? " primary key" : ""}`,
      );
      await client.query(`create table if not exists ${quoted} (${list.join(", ")})`);
    },
    // One statement, and so one transaction: a column is one array, and vectors come as texts.
    async add(rows, columns) {
      const names = Object.keys(columns);
      const places = Object.values(columns).map((type, i) => `$${i + 1}::${typeof type === "object" ? "text" : typeOf(type)}[]`);
      const values = Object.entries(columns).map(
        ([column, type]) => `${named(column)}${typeof type === "object" ? `::${typeOf(type)}` : ""}`,
      );
      await client.query(
        `insert into ${quoted} (${names.map(named).join(", ")}) select ${values.join(", ")} from unnest(${places.join(", ")}) as part (${names.map(named).join(", ")}) on conflict (${sourceRow}) do nothing`,
        Object.entries(columns).map(([column, type]) => rows.map((row) => valueOf(row, column, type))),
      );
    },
    // What a run that was killed began goes on in the server: it is waited for.
    async index(column) {
      await client.query("begin");
      await client.query(`lock table ${quoted} in share row exclusive mode`);
      if (!(await isIndexed(column))) await client.query(`create index on ${quoted} using hnsw (${named(column)} vector_cosine_ops)`);
      await client.query("commit");
    },
    isIndexed,
    async vectors() {
      const { rows } = await client.query<{ readonly name: string }>(
        "select attname as name from pg_attribute where attrelid = to_regclass($1) and atttypid = to_regtype('vector') and not attisdropped order by attnum limit 1",
        [quoted],
      );
      return rows[0]?.name;
    },
    async nearest(vector, topK, column) {
      // As many of the graph are looked at; by itself it never gives more than 40 rows. Beyond what it can, every row is looked at.
      await client.query(topK > mostOfGraph / 2 ? "set enable_indexscan = off" : `set hnsw.ef_search = ${Math.max(100, 2 * topK)}`);
      const distance = `${named(column)} <=> $1::vector`;
      const { rows } = await client.query<{ readonly distance: number; readonly row: Record<string, unknown> }>(
        `select ${distance} as distance, to_jsonb(found) - $3 as row from ${quoted} as found where ${named(column)} is not null order by ${distance} limit $2`,
        [JSON.stringify(Array.from(vector)), topK, column],
      );
      return rows.map(({ distance: far, row }) => ({ score: 1 - far, row: jsonRowOf(row) }));
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

/** int8 vectors are kept as float32, as pgvector has no others that keep every one of 256 steps. */
const typeOf = (type: ColumnType): string => (typeof type === "object" ? `vector(${type.width})` : types[type]);

const types: { readonly [Type in Extract<ColumnType, string>]: string } = {
  string: "text",
  json: "text",
  number: "double precision",
  integer: "bigint",
  boolean: "boolean",
};

function valueOf(row: Row, column: string, type: Columns[string]): unknown {
  const value = row[column] ?? null;
  return value !== null && typeof type === "object" ? JSON.stringify(value) : value;
}
