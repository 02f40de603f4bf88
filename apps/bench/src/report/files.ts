import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { resolve } from "node:path";
import { UsageError } from "../options.ts";
import { markdown } from "./markdown.ts";
import { page } from "./page.ts";
import type { Row } from "./rows.ts";

export interface ReportFiles {
  readonly json?: string | undefined;
  readonly html?: string | undefined;
  readonly markdown?: string | undefined;
}

/** Writes rows in every form that a file is named for. */
export async function writeReports(rows: readonly Row[], files: ReportFiles): Promise<void> {
  if (files.json !== undefined) await writeFile(pathOf(files.json), `${JSON.stringify(rows, undefined, 2)}\n`);
  if (files.markdown !== undefined) await writeFile(pathOf(files.markdown), markdown(rows));
  if (files.html === undefined) return;
  const machine = {
    processor: cpus()[0]?.model ?? "unknown processor",
    cores: availableParallelism(),
    date: new Date().toISOString().slice(0, 10),
  };
  await writeFile(pathOf(files.html), await page(rows, machine));
}

/** Rows that an earlier run has stored. @throws UsageError when the file holds none */
export async function readRows(file: string): Promise<Row[]> {
  try {
    const rows: unknown = JSON.parse(await readFile(pathOf(file), "utf8"));
    if (Array.isArray(rows) && rows.every((row) => typeof row === "object" && row !== null && "ratio" in row)) return rows as Row[];
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`${file} should hold rows that --json has written`);
}

/** Paths are the caller's, not the package's. */
const pathOf = (file: string): string => resolve(process.env["INIT_CWD"] ?? process.cwd(), file);
