import { XError } from "@x/layers";
import { optional } from "../optional.ts";
import type { Format } from "../job.ts";

type Count = (part: Uint8Array) => number | undefined | Promise<number | undefined>;

/** Rows of a part; undefined where it isn't whole. */
const counts: { readonly [Name in Format]: Count } = {
  jsonl(part) {
    let rows = 0;
    for (let end = part.indexOf(10); end >= 0; end = part.indexOf(10, end + 1)) rows++;
    return part.at(-1) === 10 ? rows : undefined;
  },
  npy(part) {
    const bytes = Buffer.from(part.buffer, part.byteOffset, part.length);
    const [, kind, rows = "", width = ""] = /'descr': '(<f4|\|i1)'.*\((\d+), (\d+)\)/.exec(bytes.toString("latin1", 10, 128)) ?? [];
    const size = Number(rows) * Number(width) * (kind === "<f4" ? 4 : 1);
    return kind !== undefined && bytes.length === 10 + bytes.readUInt16LE(8) + size ? Number(rows) : undefined;
  },
  async parquet(part) {
    const { parquetMetadata } = await optional("Parquet", "hyparquet hyparquet-writer", () => import("hyparquet"));
    const { num_rows, row_groups } = parquetMetadata(part.slice().buffer);
    return row_groups.length === 1 ? Number(num_rows) : undefined;
  },
};

/** Whether a part is whole, and has as many rows as it should. @throws MissingLibraryError */
export async function holds(part: Uint8Array, format: Format, rows: number): Promise<boolean> {
  try {
    return (await counts[format](part)) === rows;
  } catch (error) {
    if (error instanceof XError) throw error;
    return false; // a library says that it is damaged
  }
}
