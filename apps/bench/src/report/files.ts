import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { resolve } from "node:path";
import { UsageError } from "../options.ts";
import { type Footprint, footprintMarkdown } from "./footprint.ts";
import { markdown } from "./markdown.ts";
import { page } from "./page.ts";
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
  if (files.markdown !== undefined) await writeFile(pathOf(files.markdown), markdownOf(rows, footprints));
  if (files.footprint !== undefined) await writeFile(pathOf(files.footprint), `${JSON.stringify(footprints, undefined, 2)}\n`);
  if (files.html === undefined) return;
  const machine = {
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: availableParallelism(),
    date: new Date().toISOString().slice(0, 10),
  };
  await writeFile(pathOf(files.html), await page(rows, footprints, machine));
}

const markdownOf = (rows: readonly Row[], footprints: readonly Footprint[]): string =>
  [...(rows.length > 0 ? [markdown(rows)] : []), ...(footprints.length > 0 ? [footprintMarkdown(footprints)] : [])].join("\n");

/** Rows that an earlier run has stored. @throws UsageError when the file holds none */
export const readRows = (file: string): Promise<Row[]> => readList<Row>(file, "ratio", "--json");

/** What the suite footprint has stored. @throws UsageError when the file holds none of it */
export const readFootprints = (file: string): Promise<Footprint[]> => readList<Footprint>(file, "bytes", "--footprint");

async function readList<Entry>(file: string, field: keyof Entry & string, option: string): Promise<Entry[]> {
  try {
    const entries: unknown = JSON.parse(await readFile(pathOf(file), "utf8"));
    if (Array.isArray(entries) && entries.every((entry) => typeof entry === "object" && entry !== null && field in entry))
      return entries as Entry[];
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`${file} should hold what ${option} has written`);
}

/** Paths are the caller's, not the package's. */
const pathOf = (file: string): string => resolve(process.env["INIT_CWD"] ?? process.cwd(), file);
