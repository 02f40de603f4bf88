import type { TableAddress } from "../sink.ts";
import { lanceTable } from "./lance-table.ts";
import { postgresTable } from "./postgres-table.ts";
import type { Table } from "./table.ts";

export const openTable = ({ store, database, name }: TableAddress): Promise<Table> =>
  store === "lancedb" ? lanceTable(database, name) : postgresTable(database, name);
