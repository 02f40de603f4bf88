/** Tables of text, by `papaparse`. */
import { createReadStream } from "node:fs";
import { ArgumentError } from "@x/layers";
import { optional } from "../optional.ts";
import { BadItem, type Row } from "../row.ts";

/**
 * Rows by the names in the first line; everything is text. Which character stands between fields ("," or ";" or a tab), the file tells.
 * @throws ArgumentError when two columns have one name
 */
export async function* csvRows(path: string): AsyncGenerator<Row | BadItem, void, void> {
  const { default: Papa } = await optional("CSV", "papaparse", () => import("papaparse"));
  const parser = Papa.parse(Papa.NODE_STREAM_INPUT, { skipEmptyLines: true });
  const file = createReadStream(path, "utf8");
  file.on("error", (error) => parser.destroy(error));
  let names: readonly string[] | undefined;
  for await (const fields of file.pipe(parser) as AsyncIterable<readonly string[]>) {
    if (!names) names = namesIn(fields, path);
    else if (fields.length === names.length) yield Object.fromEntries(names.map((name, i) => [name, fields[i] ?? ""]));
    else yield new BadItem(`every row has the ${names.length} fields of the first line, but this has ${fields.length}`);
  }
}

/** Without the byte order mark that spreadsheets write before the first. */
function namesIn(fields: readonly string[], path: string): readonly string[] {
  const names = fields.map((name, i) => (i === 0 ? name.replace(/^\uFEFF/, "") : name));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ArgumentError(path, "every column has a name of its own", `two are called ${JSON.stringify(twice)}`);
  return names;
}
