/** Parquet, by `hyparquet`: some thousand rows at a time. */
import { ArgumentError } from "@x/layers";
import type { AsyncBuffer, Compressors, FileMetaData } from "hyparquet";
import { optional } from "../optional.ts";
import type { Row } from "../row.ts";
import { jsonRowOf } from "./json-of.ts";

/** Rows of a piece. What others write often lies in one row group of a million. */
const piece = 50_000;

/** @param columns only these. Default all */
export async function* parquetRows(path: string, columns: readonly string[] | undefined): AsyncGenerator<Row, void, void> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await optional(
    "Parquet",
    "hyparquet",
    () => import("hyparquet"),
  );
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  checkSizes(metadata, file, path);
  const compressors = await compressorsFor(metadata);
  const there = new Set(parquetSchema(metadata).children.map(({ element }) => element.name));
  const wanted = columns?.filter((name) => there.has(name));
  const options = { file, metadata, ...(compressors && { compressors }), ...(wanted && { columns: wanted }) };
  let begin = 0;
  for (const { num_rows } of metadata.row_groups) {
    const end = begin + Number(num_rows);
    for (; begin < end; begin += piece) {
      const rows = await parquetReadObjects({ ...options, rowStart: begin, rowEnd: Math.min(end, begin + piece) });
      for (const row of rows) yield jsonRowOf(row);
    }
    begin = end;
  }
}

/** What is said of columns is believed when they are read, so it is looked at before. @throws ArgumentError */
function checkSizes({ row_groups }: FileMetaData, { byteLength }: AsyncBuffer, path: string): void {
  for (const { num_rows, columns } of row_groups) {
    for (const { meta_data } of columns) {
      if (!meta_data) continue;
      const { data_page_offset, dictionary_page_offset, total_compressed_size, num_values } = meta_data;
      const begin = dictionary_page_offset || data_page_offset;
      const isInside = begin >= 0n && total_compressed_size >= 0n && begin + total_compressed_size <= BigInt(byteLength);
      if (!isInside || num_values < num_rows)
        throw new ArgumentError(
          path,
          "its columns lie in the file, and have every row",
          `${meta_data.path_in_schema.join(".")} hasn't; it is damaged`,
        );
    }
  }
}

/** What hyparquet can't by itself: GZIP, ZSTD, BROTLI, LZ4. */
async function compressorsFor({ row_groups }: FileMetaData): Promise<Compressors | undefined> {
  const codecs = new Set(row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec ?? "UNCOMPRESSED")));
  const other = [...codecs].find((codec) => codec !== "UNCOMPRESSED" && codec !== "SNAPPY");
  if (other === undefined) return undefined;
  return (await optional(`Parquet compressed by ${other}`, "hyparquet-compressors", () => import("hyparquet-compressors"))).compressors;
}
