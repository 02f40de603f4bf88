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
 * @throws ArgumentError naming the first row that has too many or too few fields, or a quote that isn't closed
 */
export async function readCsv<Row extends Readonly<Record<string, string>>>(where: FileLocation, options: CsvOptions = {}): Promise<Row[]> {
  const file = await fileIn(where);
  const text = (await readText(file)).replace(/^\uFEFF/, "");
  const { data, errors } = Papa.parse<Row>(text, { header: true, skipEmptyLines: true, delimiter: options.delimiter ?? "" });
  const wrong = errors.find(({ code }) => code !== "UndetectableDelimiter");
  if (wrong)
    throw new ArgumentError(file.label, "every row has the fields of the first line", `row ${(wrong.row ?? 0) + 1}: ${wrong.message}`);
  return data;
}
