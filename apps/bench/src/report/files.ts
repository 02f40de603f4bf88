import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../options.ts";
import type { Footprint } from "./footprint.ts";
import { html } from "./html.ts";
import { markdown } from "./markdown.ts";
import { report, title } from "./report.ts";
import type { Row } from "./rows.ts";

export interface ReportFiles {
  readonly json?: string | undefined;
  readonly html?: string | undefined;
  readonly markdown?: string | undefined;
  readonly footprint?: string | undefined;
}

/** Writes rows and footprints in every form that a file is named for. */
export async function writeReports(rows: readonly Row[], footprints: readonly Footprint[], files: ReportFiles): Promise<void> {
  if (files.json !== undefined) await writeFile(pathOf(files.json), `${JSON.stringify(rows, undefined, 2)}\n`);
  if (files.footprint !== undefined) await writeFile(pathOf(files.footprint), `${JSON.stringify(footprints, undefined, 2)}\n`);
  if (files.html === undefined && files.markdown === undefined) return;
  const blocks = await report(rows, footprints);
  if (files.html !== undefined) await writeFile(pathOf(files.html), html(title, blocks));
  if (files.markdown !== undefined) await writeFile(pathOf(files.markdown), `# ${title}\n\n${markdown(blocks)}`);
}

/** Rows that an earlier run has stored. @throws UsageError when the file holds none */
export const readRows = (file: string): Promise<Row[]> => readList<Row>(file, ["ratio", "machine"], "--json");

/** What the suite footprint has stored. @throws UsageError when the file holds none of it */
export const readFootprints = (file: string): Promise<Footprint[]> => readList<Footprint>(file, ["bytes", "machine"], "--footprint");

async function readList<Entry>(file: string, fields: readonly (keyof Entry & string)[], option: string): Promise<Entry[]> {
  try {
    const entries: unknown = JSON.parse(await readFile(pathOf(file), "utf8"));
    const isEntry = (entry: unknown): boolean => typeof entry === "object" && entry !== null && fields.every((field) => field in entry);
    if (Array.isArray(entries) && entries.every(isEntry)) return entries as Entry[];
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`${file} should hold what ${option} has written`);
}

/** Paths are the caller's, not the package's. */
const pathOf = (file: string): string => resolve(process.env["INIT_CWD"] ?? process.cwd(), file);
