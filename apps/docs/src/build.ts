/**
 * The documentation site: pages written by hand (`pages/`), READMEs and docs/ with their links set anew, models' sources as annotated pages, the API from docstrings, and all of it as one text. Fails where a link leads nowhere.
 *
 *     pnpm run docs
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vitepress";
import { writeApi } from "./api.ts";
import { annotatedFiles, annotatedModels } from "./annotated.ts";
import { copiedPages, site } from "./copied.ts";
import { deadLinks } from "./dead-links.ts";
import { plainText } from "./plain-text.ts";

const begun = performance.now();
rmSync(site, { recursive: true, force: true });
cpSync(join(import.meta.dirname, "../pages"), site, { recursive: true });
cpSync(join(import.meta.dirname, "../theme"), join(site, ".vitepress"), { recursive: true });
for (const [path, text] of [...copiedPages(annotatedFiles), ...annotatedModels()]) {
  const file = join(site, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
await writeApi(join(site, "api"));
mkdirSync(join(site, "public"), { recursive: true });
writeFileSync(join(site, "public/llms.txt"), plainText(site));
const dist = join(import.meta.dirname, "../dist");
await build(site, { outDir: dist });
const dead = deadLinks(dist);
process.stderr.write(dead.map((line) => `dead link on ${line}\n`).join(""));
process.exitCode = dead.length > 0 ? 1 : 0;
process.stdout.write(`${dist}, in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
