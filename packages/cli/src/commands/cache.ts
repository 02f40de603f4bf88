import { cachedRepositories, clearCache, filesToLoad } from "@x/layers";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../command.ts";
import { clear, dryRun } from "../options.ts";
import { UsageError } from "../usage-error.ts";

export const cache: CommandSpec = {
  name: "cache",
  summary: "Show what of the hub is kept on this machine, or what loading would fetch, and remove it",
  inputs: "repositories; without any, all",
  options: [clear(), dryRun()],
  example: "x cache --clear google/vit-base-patch16-224",
  async run(call) {
    const { cache: cacheDir, clear: clears, dryRun: foretells } = call.options;
    if (foretells === true) return foretell(call);
    const wanted = call.inputs.length > 0 ? call.inputs : undefined;
    const found = clears === true ? await clearCache({ cacheDir, repositories: wanted }) : await cachedRepositories({ cacheDir });
    const told = found.filter(({ repository }) => wanted?.includes(repository) ?? true);
    for (const { repository, bytes, files } of told)
      await call.tell({ record: { repository, bytes, files, removed: clears === true }, rows: [[inMB(bytes), repository]] });
    for (const repository of wanted ?? [])
      if (!told.some((one) => one.repository === repository)) call.fail(repository, "nothing of it is kept here");
    if (call.options.json !== true) await call.tell({ record: {}, rows: [[inMB(sum(told)), clears === true ? "removed" : "in all"]] });
  },
};

/** What loading each repository would fetch. */
async function foretell(call: Call): Promise<void> {
  if (call.options.clear === true) throw new UsageError("--dry-run tells what loading would fetch, --clear removes: one of them");
  if (call.inputs.length === 0) throw new UsageError("--dry-run wants a repository, such as google/vit-base-patch16-224");
  for (const repository of call.inputs) {
    const files = await filesToLoad(repository, { cacheDir: call.options.cache, signal: call.signal });
    const missing = files.filter(({ cached }) => !cached);
    const rows = files.map(({ name, bytes, cached }) => [inMB(bytes), name, cached ? "is here" : ""]);
    if (call.options.json !== true)
      await call.tell({ record: {}, heading: repository, rows: [...rows, [inMB(sum(missing)), "to be fetched at most", ""]] });
    else for (const { name, bytes, cached } of files) await call.tell({ record: { repository, file: name, bytes, cached } });
  }
}

const sum = (items: readonly { readonly bytes: number }[]): number => items.reduce((all, { bytes }) => all + bytes, 0);

const inMB = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`.padStart(12);
