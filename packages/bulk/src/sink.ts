/** Where a result goes, by its name. */
import { basename, dirname, join, resolve } from "node:path";
import { ArgumentError } from "@x/layers";
import type { Format } from "./job.ts";

export interface Sink {
  /** Of the parts. */
  readonly format: Format;
  /** Where the parts are. */
  readonly location: string;
  /** The one file that they become at the end; undefined where they stay what they are. */
  readonly file?: string | undefined;
}

const formats: Readonly<Record<string, Format>> = { parquet: "parquet", jsonl: "jsonl", ndjson: "jsonl", npy: "npy" };

/**
 * @param sink a file (`.parquet`, `.jsonl`, `.npy`), or a folder (with "/" at its end, or no ending at all; also `s3://bucket/prefix`), in which the parts stay
 * @param format of a folder's parts. Default "parquet"
 */
export function sinkOf(sink: string, format: Format | undefined): Sink {
  if (sink.startsWith("s3://")) {
    if (/\.\w+$/.test(sink))
      throw new ArgumentError("bulk", "in object storage a sink is a folder, in which the result lies in parts", `${sink} came`);
    return { format: format ?? "parquet", location: sink.replace(/\/$/, "") };
  }
  const ending = /\.(\w+)$/.exec(basename(sink))?.[1]?.toLowerCase();
  if (sink.endsWith("/") || ending === undefined) return { format: format ?? "parquet", location: resolve(sink) };
  const known = formats[ending];
  if (known === undefined)
    throw new ArgumentError(
      "bulk",
      `a sink is a folder, or ends in ${Object.keys(formats)
        .map((one) => `.${one}`)
        .join(", ")}`,
      `${sink} came`,
    );
  if (format !== undefined && format !== known)
    throw new ArgumentError("bulk", "a file's ending says its format", `${sink} is to be ${format}`);
  const file = resolve(sink);
  return { format: known, location: join(dirname(file), `${basename(file)}.parts`), file };
}
