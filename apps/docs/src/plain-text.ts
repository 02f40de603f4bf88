/** All pages as one text, for language models: https://llmstxt.org. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Pages one after another, what a reader starts with first; without the API, whose names the packages' pages have. */
export function plainText(site: string): string {
  const first = ["start.md", "text.md", "pictures.md", "search.md", "fine-tuning.md", "inside.md", "loading.md", "memory.md"];
  const pages = globSync("**/*.md", { cwd: site }).filter(
    (path) => !/^(api|models|source|index|reference\/(benchmarks|model-files|files))/.test(path),
  );
  const order = [...first, ...pages.filter((path) => !first.includes(path)).sort()];
  return order.map((path) => `<!-- /${path.replace(/\.md$/, "")} -->\n\n${readFileSync(join(site, path), "utf8").trim()}\n`).join("\n");
}
