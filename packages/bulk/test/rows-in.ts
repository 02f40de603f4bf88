import { connect } from "@lancedb/lancedb";
import pg from "pg";
import { tableOf } from "../src/sink.ts";

/** All rows of a table, in their order, as its own client gives them. */
export async function rowsIn(sink: string): Promise<Record<string, unknown>[]> {
  const address = tableOf(sink);
  if (address?.store === "lancedb") {
    const table = await (await connect(address.database)).openTable(address.name);
    const found = (await table.query().toArray()) as { toJSON(): Record<string, unknown> }[];
    return found.map((row) => row.toJSON()).sort((a, b) => Number(a["source_row"]) - Number(b["source_row"]));
  }
  const client = new pg.Client(address?.database);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(`select * from ${address?.name} order by source_row`)).rows;
  } finally {
    await client.end();
  }
}
