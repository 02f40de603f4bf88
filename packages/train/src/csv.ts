/** Tables of text, by `papaparse`, which is to be installed beside this package. */
import { ArgumentError } from "@x/layers";
import { readText } from "@x/layers/model";
import Papa from "papaparse";
import { fileIn, type FileLocation } from "./data/source.ts";

export interface CsvOptions {
  /** What stands between two fields. Default: what the file seems to have, "," or ";" or a tab. */
  readonly delimiter?: string | undefined;
}

/**
 * The rows of a CSV or TSV file as objects, by the names in its first line. Everything is text: `rows.map(({ text, score }) => ({ text, label: Number(score) }))`.
 * @throws ArgumentError naming the first row that has too many or too few fields, a quote that isn't closed, or a name that two columns have
 */
export async function readCsv<Row extends Readonly<Record<string, string>>>(where: FileLocation, options: CsvOptions = {}): Promise<Row[]> {
  const file = await fileIn(where);
  const text = (await readText(file)).replace(/^\uFEFF/, "");
  const { data, errors } = Papa.parse<readonly string[]>(text, { skipEmptyLines: true, delimiter: options.delimiter ?? "" });
  const wrong = errors.find(({ code }) => code !== "UndetectableDelimiter");
  if (wrong) throw new ArgumentError(file.label, "every quote is closed", `row ${wrong.row ?? 0}: ${wrong.message}`);
  const [names = [], ...rows] = data;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ArgumentError(file.label, "every column has a name of its own", `two are called ${JSON.stringify(twice)}`);
  return rows.map((fields, row) => {
    if (fields.length !== names.length) {
      const found = `row ${row + 1} has ${fields.length}`;
      throw new ArgumentError(file.label, `every row has the ${names.length} fields of the first line`, found);
    }
    return Object.fromEntries(names.map((name, i) => [name, fields[i] ?? ""])) as Row;
  });
}
