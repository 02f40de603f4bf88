/** Parts, one behind the other, as one file: a part in memory at a time. */
import { optional } from "../optional.ts";
import type { Format } from "../job.ts";
import { npyHeader } from "./npy.ts";
import { parquetWriter } from "./parquet.ts";

/** What is written where: pieces in their order. */
type Join = (parts: AsyncIterable<Uint8Array>, rows: number) => AsyncIterable<Uint8Array>;

async function* jsonl(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield* parts;
}

async function* npy(parts: AsyncIterable<Uint8Array>, rows: number): AsyncGenerator<Uint8Array, void, void> {
  let first = true;
  for await (const part of parts) {
    const begin = 10 + Buffer.from(part.buffer, part.byteOffset).readUInt16LE(8);
    if (first) {
      const [, vector, width = ""] = /'descr': '(.*?)'.*\(\d+, (\d+)\)/.exec(Buffer.from(part.subarray(0, begin)).toString("latin1")) ?? [];
      yield npyHeader({ vector: vector === "|i1" ? "int8" : "float32", width: Number(width) }, rows);
      first = false;
    }
    yield part.subarray(begin);
  }
}

/** Row groups are copied as they are; the footer says where they are now. */
async function* parquet(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const { ByteWriter, ParquetWriter } = await parquetWriter();
  const { parquetMetadata } = await optional("Parquet", "hyparquet hyparquet-writer", () => import("hyparquet"));
  let writer: InstanceType<typeof ParquetWriter> | undefined;
  let offset = 4;
  for await (const part of parts) {
    const { schema, row_groups, num_rows, metadata_length, key_value_metadata } = parquetMetadata(part.slice().buffer);
    const body = part.subarray(4, part.length - 8 - metadata_length);
    writer ??= new ParquetWriter({ writer: new ByteWriter(), schema, statistics: false, kvMetadata: key_value_metadata });
    if (offset === 4) yield writer.writer.getBytes(); // PAR1
    const shift = BigInt(offset - 4);
    for (const group of row_groups) {
      for (const column of group.columns) {
        column.file_offset += shift;
        if (!column.meta_data) continue;
        column.meta_data.data_page_offset += shift;
        if (column.meta_data.dictionary_page_offset !== undefined) column.meta_data.dictionary_page_offset += shift;
      }
      writer.row_groups.push(group);
    }
    writer.num_rows += num_rows;
    yield body;
    offset += body.length;
  }
  if (!writer) return;
  await writer.finish();
  yield writer.writer.getBytes().subarray(4);
}

export const joins: { readonly [Name in Format]: Join } = { jsonl, npy, parquet };
