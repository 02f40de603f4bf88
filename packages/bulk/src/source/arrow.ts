/** Arrow's files and streams (Feather, IPC), by `apache-arrow`: a record batch at a time. */
import { createReadStream } from "node:fs";
import { optional } from "../optional.ts";
import type { Row } from "../row.ts";
import { jsonRowOf } from "./json-of.ts";

export async function* arrowRows(path: string): AsyncGenerator<Row, void, void> {
  const { RecordBatchReader } = await optional("Arrow", "apache-arrow", () => import("apache-arrow"));
  const reader = await RecordBatchReader.from(createReadStream(path));
  for await (const batch of reader) for (const row of batch) if (row) yield jsonRowOf(row.toJSON() as object);
}
