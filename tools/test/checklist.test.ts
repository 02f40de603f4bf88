/** docs/checklist.md is true: its files exist, and its tests are called so. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const sections = readFileSync(new URL("docs/checklist.md", root), "utf8").split(/^## /m).slice(1);

const rows = sections.flatMap((section) => {
  const [, code = "", tests = ""] = /^Code `(.*?)`, tests `(.*?)`/m.exec(section) ?? [];
  return [...section.matchAll(/^\| ([A-Z][^|]*) \| ([^|]*) \| `([^`]*)` \| `([^`]*)`: (.*) \|$/gm)].map(
    ([, id = "", what = "", file = "", testFile = "", title = ""]) => ({
      id,
      what,
      file: file.startsWith("packages/") ? file : code + file,
      testFile: tests + testFile,
      title,
    }),
  );
});

test("every line of a table is a row", () => {
  const lines = sections.flatMap((section) => section.match(/^\| [A-Z]\d.*/gm) ?? []);
  expect(lines.length).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(90);
});

test.each(rows.map((row) => [row.id, row.what, row] as const))("%s: %s", (_id, _what, { file, testFile, title }) => {
  expect(existsSync(new URL(file, root)), file).toBe(true);
  expect(readFileSync(new URL(testFile, root), "utf8")).toContain(title);
});
