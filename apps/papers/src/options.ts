/** What a person says on the command line, to all papers or to one. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { LabOptions } from "./lab.ts";
import { papers } from "./papers.ts";

export interface Asked {
  /** The papers that were named, if any. */
  readonly named: readonly string[];
  /** Of each run. Default: one where several run at a time, else as many as there are cores. */
  readonly threads: number | undefined;
  readonly lab: LabOptions;
  /** Runs nothing, but writes what has been run as docs/papers.md, with its pictures. */
  readonly publishes: boolean;
}

/** Ends the program where a paper is named that doesn't exist. */
export function parseOptions(): Asked {
  const { values, positionals: named } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: "string", default: "1" },
      threads: { type: "string" },
      /** Of the steps; a twentieth and less is a trial, which evaluates with a share, too. */
      share: { type: "string", default: "1" },
      out: { type: "string", default: fileURLToPath(new URL("../../../demo-output/papers", import.meta.url)) },
      publish: { type: "boolean", default: false },
    },
  });
  const unknown = named.filter((name) => !papers.some(({ id }) => id === name));
  if (unknown.length > 0) {
    console.error(`there is no ${unknown.join(", ")}; papers are ${papers.map(({ id }) => id).join(", ")}`);
    process.exit(2);
  }
  return {
    named,
    threads: values.threads === undefined ? undefined : Number(values.threads),
    lab: { folder: values.out, seed: Number(values.seed), share: Number(values.share) },
    publishes: values.publish,
  };
}
