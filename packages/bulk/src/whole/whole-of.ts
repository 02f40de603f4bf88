import type { Sink } from "../sink.ts";
import { fileWhole } from "./file.ts";
import { openTable } from "./open-table.ts";
import { tableWhole } from "./table-whole.ts";
import type { Whole } from "./whole.ts";

/** @returns undefined where the parts stay what they are */
export function wholeOf({ file, location, table }: Sink): Whole | undefined {
  if (file !== undefined) return fileWhole(file, location);
  return table && tableWhole(() => openTable(table));
}
