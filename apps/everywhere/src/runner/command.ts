import { join } from "node:path";
import { runtimesFolder } from "./process.ts";

/** A runtime that is a command: it takes a program's file and what the program is to know. */
export interface Command {
  readonly name: string;
  readonly howToGet: string;
  readonly candidates: readonly string[];
  /** What stands before the program. */
  readonly words: readonly string[];
}

const installed = (path: string): string => join(runtimesFolder, "node_modules", path);
const howToGet = "npm run everywhere -- --install";

export const node20: Command = { name: "Node 20", candidates: [installed("node20/bin/node")], words: [], howToGet };
export const node22: Command = { name: "Node 22", candidates: [installed("node22/bin/node")], words: [], howToGet };
export const node: Command = { name: "Node, latest", candidates: [process.execPath], words: [], howToGet: "it runs this" };
export const deno: Command = {
  name: "Deno",
  candidates: [installed(".bin/deno"), "deno"],
  words: ["run", "--no-lock", "--allow-all"],
  howToGet,
};
export const bun: Command = { name: "Bun", candidates: [installed(".bin/bun"), "bun"], words: ["run"], howToGet };
