import { cachedRepositories, clearCache } from "@x/layers";
import type { CommandSpec } from "../command.ts";
import { clear } from "../options.ts";

export const cache: CommandSpec = {
  name: "cache",
  summary: "Show what of the hub is kept on this machine, and remove it",
  inputs: "repositories; without any, all",
  options: [clear()],
  example: "x cache --clear google/vit-base-patch16-224",
  async run(call) {
    const { cache: cacheDir, clear: clears } = call.options;
    const wanted = call.inputs.length > 0 ? call.inputs : undefined;
    const found = clears === true ? await clearCache({ cacheDir, repositories: wanted }) : await cachedRepositories({ cacheDir });
    const told = found.filter(({ repository }) => wanted?.includes(repository) ?? true);
    for (const { repository, bytes, files } of told)
      await call.tell({
        record: { repository, bytes, files, removed: clears === true },
        rows: [[`${(bytes / 1e6).toFixed(1)} MB`.padStart(12), repository]],
      });
    if (call.options.json === true) return;
    const all = told.reduce((sum, { bytes }) => sum + bytes, 0);
    await call.tell({ record: {}, rows: [[`${(all / 1e6).toFixed(1)} MB`.padStart(12), clears === true ? "removed" : "in all"]] });
  },
};
