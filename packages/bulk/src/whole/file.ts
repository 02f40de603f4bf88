import { stat } from "node:fs/promises";
import { joins } from "../part/join.ts";
import { writeWhole } from "../storage/folder-storage.ts";
import type { Whole } from "./whole.ts";

/** One file, which is there whole or not at all. */
export function fileWhole(path: string): Whole {
  const isThere = (): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  return {
    isThere,
    isWhole: isThere,
    make: (parts, { format, rows }) =>
      writeWhole(path, async (file) => {
        for await (const piece of joins[format](parts(0), rows)) await file.writeFile(piece);
      }),
  };
}
