import { stat } from "node:fs/promises";
import { joins } from "../part/join.ts";
import { writeWhole } from "../storage/folder-storage.ts";
import type { Whole } from "./whole.ts";

/**
 * One file, which is there whole or not at all.
 * @param until the folder of its job, where it is until then: what a killed run leaves is swept away with the rest
 */
export function fileWhole(path: string, until: string): Whole {
  const isThere = (): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  return {
    isThere,
    isWhole: isThere,
    make: (parts, { format, rows }) =>
      writeWhole(
        path,
        async (file) => {
          for await (const piece of joins[format](parts(0), rows)) await file.writeFile(piece);
        },
        until,
      ),
  };
}
