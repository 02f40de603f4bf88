/** Parquet, by `hyparquet`: row group by row group. */
import { optional } from "../optional.ts";
import type { Row } from "../row.ts";
import { jsonRowOf } from "./json-of.ts";

/** @param columns only these. Default all */
export async function* parquetRows(path: string, columns: readonly string[] | undefined): AsyncGenerator<Row, void, void> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await optional(
    "Parquet",
    "hyparquet",
    () => import("hyparquet"),
  );
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const there = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
  const wanted = columns?.filter((name) => there.has(name));
  let begin = 0;
  for (const { num_rows } of metadata.row_groups) {
    const end = begin + Number(num_rows);
    const rows = await parquetReadObjects({ file, metadata, rowStart: begin, rowEnd: end, ...(wanted && { columns: wanted }) });
    for (const row of rows) yield jsonRowOf(row);
    begin = end;
  }
}
