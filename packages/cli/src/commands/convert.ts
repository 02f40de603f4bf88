import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { loadAny } from "../any-model.ts";
import type { CommandSpec } from "../command.ts";
import { model, storing, threads } from "../options.ts";

export const convert: CommandSpec = {
  name: "convert",
  summary: "Write a checkpoint anew: smaller numbers, other shards, the names of Hugging Face's library, an adapter merged in",
  options: [model(), threads(), ...storing()],
  example: "x convert --model google/vit-base-patch16-224 --dtype float16 --out vit-half",
  async run(call) {
    const { out: folder = "", dtype, shardSize: maxShardBytes } = call.options;
    using loaded = await loadAny(call);
    for (const note of loaded.notes) call.warn(note);
    const { onProgress, signal } = call.loading;
    await loaded.savePretrained(folder, { dtype: dtype === "int8" ? undefined : dtype, maxShardBytes, onProgress, signal });
    for (const name of (await readdir(folder, { recursive: true })).sort()) {
      const file = join(folder, name);
      const found = await stat(file);
      if (found.isDirectory()) continue;
      const bytes = found.size;
      await call.tell({ record: { file, bytes }, rows: [[bytes.toLocaleString("en").padStart(15), file]] });
    }
  },
};
