/** A task of its own: how many letters a text has, after some milliseconds; "bad" is bad. */
import type { Json } from "@x/layers/model";
import type { Task } from "../src/index.ts";

export default ({ wait = 0 }: { readonly wait?: number }): Task => ({
  columns: { letters: "integer" },
  chunk: 10,
  async run(items: readonly Json[]) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    return items.map((item) => {
      if (typeof item !== "string" || item === "bad") throw new TypeError(`${JSON.stringify(item)} is no good text`);
      return { letters: item.length };
    });
  },
});
