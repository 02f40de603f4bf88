/** Examples as files have them, before anybody knows what they are for. */
import { readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { ArgumentError } from "@x/layers";
import { imageFolder, readJsonLines } from "@x/train";
import { isFolder } from "../pictures.ts";

/** A line of JSON, or a row of a table. */
export type Row = Readonly<Record<string, unknown>>;

/** What a place has. */
export interface Rows {
  /** The place, for messages. */
  readonly label: string;
  readonly rows: readonly Row[];
  /** What paths in the rows are relative to. */
  readonly folder: string;
}

/** Columns of numbers, which CSV writes as text. */
const NUMBERS = ["label", "score"];

const readers: Readonly<Record<string, (file: string) => Promise<readonly Row[]>>> = {
  jsonl: readJsonLines<Row>,
  csv: readTable,
  tsv: readTable,
  parquet: async (file) => {
    const { readParquet } = await import("@x/train/parquet");
    const rows = await readParquet<Row>(file);
    return rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plain(value)])));
  },
};

const endingOf = (name: string): string => /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

/**
 * The examples of a file, by its ending: `.jsonl`, `.csv`, `.tsv`, `.parquet`. Of a folder: its `train` and, if there is one, `validation`, each a file or a
 * folder; or else folders of pictures by their classes.
 * @throws ArgumentError when it can't be read, or has no examples
 */
export async function readRows(place: string): Promise<{ readonly train: Rows; readonly validation: Rows | undefined }> {
  if (!(await isFolder(place))) return { train: await readFile(place), validation: undefined };
  const names = await readdir(place);
  const part = async (name: string): Promise<Rows | undefined> => {
    const found = names.find((each) => each === name || (each.startsWith(`${name}.`) && endingOf(each) in readers));
    return found === undefined ? undefined : readPlace(join(place, found));
  };
  return { train: (await part("train")) ?? (await readPictures(place)), validation: await part("validation") };
}

const readPlace = async (place: string): Promise<Rows> => ((await isFolder(place)) ? readPictures(place) : readFile(place));

async function readFile(file: string): Promise<Rows> {
  const reader = readers[endingOf(file)];
  if (!reader)
    throw new ArgumentError(
      file,
      `examples come in ${Object.keys(readers)
        .map((ending) => `.${ending}`)
        .join(", ")}, or in a folder`,
      "this is another kind of file",
    );
  const rows = await reader(file);
  if (rows.length === 0) throw new ArgumentError(file, "there must be at least one example", "there is none");
  return { label: file, rows, folder: dirname(file) };
}

async function readTable(file: string): Promise<readonly Row[]> {
  const { readCsv } = await import("@x/train/csv");
  const rows = await readCsv(file);
  const ofNumbers = NUMBERS.filter((column) => rows.every((row) => /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(row[column] ?? "")));
  return rows.map((row) => ({ ...row, ...Object.fromEntries(ofNumbers.map((column) => [column, Number(row[column])])) }));
}

async function readPictures(folder: string): Promise<Rows> {
  const { examples } = await imageFolder(folder).catch((error: unknown) => {
    if (!(error instanceof ArgumentError)) throw error;
    throw new ArgumentError(
      folder,
      "a folder has train.jsonl, .csv, .tsv or .parquet, or folders of pictures by their classes",
      "this has neither",
    );
  });
  return { label: folder, rows: examples.map(({ image, label }) => ({ image: relative(folder, String(image)), label })), folder };
}

/** Parquet's whole numbers are bigints, its lists sometimes typed arrays. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, plain);
  return value;
}
