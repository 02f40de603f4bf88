/** docs/where.md is true: its files exist, and have the words that it tells to search for. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const sections = readFileSync(new URL("docs/where.md", root), "utf8").split(/^## /m).slice(1);

const rows = sections.flatMap((section) => {
  const [, below = ""] = /^Below `(.*?)`/m.exec(section) ?? [];
  return [...section.matchAll(/^\| ([^|]*) \| `([^`]*)` \| `([^`]*)` \|$/gm)].map(
    ([, what = "", file = "", word = ""]) => [what, file.startsWith("packages/") ? file : below + file, word] as const,
  );
});

test("every line of a table is a row", () => {
  const lines = sections.flatMap((section) => (section.match(/^\| .*/gm) ?? []).slice(1));
  expect(rows.length).toBe(lines.length);
  expect(rows.length).toBeGreaterThan(60);
});

test.each(rows)("%s: %s", (_what, file, word) => {
  expect(readFileSync(new URL(file, root), "utf8").toLowerCase()).toContain(word.toLowerCase());
});
