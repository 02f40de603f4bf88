/** Parquet, as datasets lie on the hub, by `hyparquet`, which is to be installed beside this package. */
import { ArgumentError, XError } from "@x/layers";
import { readBytes, reasonOf } from "@x/layers/model";
import { parquetReadObjects } from "hyparquet";
import { fileIn, type FileLocation } from "./data/source.ts";

export interface ParquetOptions {
  /** Only these columns. Default all. */
  readonly columns?: readonly string[] | undefined;
}

/**
 * The rows of a Parquet file as objects; whole numbers of 64 bits come as bigints. Only what is needed of the file is read.
 * @throws ArgumentError when it is damaged, or no Parquet
 */
export async function readParquet<Row extends object>(where: FileLocation, { columns }: ParquetOptions = {}): Promise<Row[]> {
  const file = await fileIn(where);
  const slice = async (begin: number, end = file.size): Promise<ArrayBuffer> => (await readBytes(file, begin, end)).buffer;
  const reading = parquetReadObjects({ file: { byteLength: file.size, slice }, ...(columns && { columns: [...columns] }) });
  const rows = await reading.catch((cause: unknown) => {
    if (cause instanceof XError) throw cause;
    throw new ArgumentError(file.label, "this is a whole Parquet file", `it can't be read: ${reasonOf(cause)}`);
  });
  return rows as Row[];
}
