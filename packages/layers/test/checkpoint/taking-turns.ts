/**
 * A process that takes its turn many times, and leaves a dead process's lock behind each time, which all the others then find at once. Fails when another has its turn meanwhile.
 *
 *     node taking-turns.ts <folder> <number of a process that is gone> <turns>
 */
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv, stdout } from "node:process";
import { alone, lockName } from "../../src/files/platform/node-lock.ts";

const [directory = "", gone = "0", turns = "1"] = argv.slice(2);
const only = join(directory, "only");
for (let turn = 0; turn < Number(turns); turn++) {
  await alone(directory, undefined, async () => {
    await writeFile(only, "", { flag: "wx" }); // fails where it is there
    await new Promise((resolve) => setTimeout(resolve, 2));
    await writeFile(join(directory, lockName(Number(gone), randomUUID().slice(0, 8))), "");
    await rm(only);
  });
}
stdout.write(`${turns} turns`);
