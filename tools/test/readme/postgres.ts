/** Postgres with pgvector, in this process. */
import { createRequire } from "node:module";
import { join } from "node:path";

export interface Postgres {
  exec(sql: string): Promise<unknown>;
  query(sql: string, values: readonly string[]): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
  close(): Promise<void>;
}

export async function openPostgres(): Promise<Postgres> {
  const { resolve } = createRequire(join(import.meta.dirname, "../../../packages/bulk/package.json"));
  const { PGlite } = await import(resolve("@electric-sql/pglite"));
  const { vector } = await import(resolve("@electric-sql/pglite-pgvector"));
  return PGlite.create({ extensions: { vector } });
}
