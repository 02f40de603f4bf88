import { test } from "vitest";
import { writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { Core } from "../src/index.ts";
import { Bench } from "./bench.ts";
import { kernels } from "./kernels.table.ts";
test("hash", async () => {
  const out: Record<string, string> = {};
  for (const simd of ["plain", "relaxed"] as const) {
    using core = await Core.create({ threads: 1, simd });
    for (const [name, run] of Object.entries(kernels))
      for (const size of [1, 3, 5, 17, 64, 197]) {
        using bench = new Bench(core);
        const h = createHash("sha1");
        for (const o of run(bench, size)) h.update(new Uint8Array(bench.bits(o).buffer));
        out[`${simd} ${name} ${size}`] = h.digest("hex").slice(0, 12);
      }
  }
  writeFileSync(process.env.HASH_OUT ?? "/tmp/hash.json", JSON.stringify(out, null, 0));
}, 100000);
