/** Node, Deno and Bun: the report goes to standard output. */
import { readFile } from "node:fs/promises";
import { runSuite } from "../suite/suite.ts";

const [packages = ""] = process.argv.slice(2);
const report = await runSuite({ read: async (path) => new Uint8Array(await readFile(`${packages}/${path}`)) });
process.stdout.write(`${JSON.stringify(report)}\n`);
