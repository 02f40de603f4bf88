/** Tables of text, by `papaparse`. */
import { createReadStream } from "node:fs";
import { optional } from "../optional.ts";
import { BadItem, type Row } from "../row.ts";

/** Rows by the names in the first line; everything is text. Which character stands between fields ("," or ";" or a tab), the file tells. */
export async function* csvRows(path: string): AsyncGenerator<Row | BadItem, void, void> {
  const { default: Papa } = await optional("CSV", "papaparse", () => import("papaparse"));
  const parser = Papa.parse(Papa.NODE_STREAM_INPUT, { header: true, skipEmptyLines: true });
  const file = createReadStream(path, "utf8");
  file.on("error", (error) => parser.destroy(error));
  let count: number | undefined;
  for await (const row of file.pipe(parser) as AsyncIterable<Record<string, string>>) {
    const fields = Object.keys(row).length;
    count ??= fields;
    if (fields === count) yield withoutMark(row);
    else
      yield new BadItem(`every row has the ${count} fields of the first line, but this has ${"__parsed_extra" in row ? "more" : fields}`);
  }
}

/** The first name without the byte order mark that spreadsheets write before it. */
function withoutMark(row: Record<string, string>): Row {
  const [first = ""] = Object.keys(row);
  if (!first.startsWith("\uFEFF")) return row;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.replace(/^\uFEFF/, ""), value]));
}
