/** A task of its own: how many letters a text has, after some milliseconds; "bad" is bad, and "shut" waits until a file is there. */
import { existsSync } from "node:fs";
import type { Json } from "@x/layers/model";
import type { Task } from "../src/index.ts";

const sleep = (milliseconds: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export default ({ wait = 0, gate = "" }: { readonly wait?: number; readonly gate?: string }): Task => ({
  columns: { letters: "integer" },
  chunk: 10,
  async run(items: readonly Json[]) {
    await sleep(wait);
    while (items.includes("shut") && !existsSync(gate)) await sleep(20);
    return items.map((item) => {
      if (typeof item !== "string" || item === "bad") throw new TypeError(`${JSON.stringify(item)} is no good text`);
      return { letters: item.length };
    });
  },
});
