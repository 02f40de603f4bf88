/** ARCHITECTURE.md says what is so: its tree has the folders that there are, and each of its links leads somewhere. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

/** The folders of the tree, by path: two spaces further in is inside. */
function tree(): string[] {
  const [, block = ""] = /## The tree\n\n```\n([\s\S]*?)```/.exec(text) ?? [];
  const parents: string[] = [];
  return block.split("\n").flatMap((line) => {
    const [, indent = "", name] = /^( *)(\S+)\//.exec(line) ?? [];
    if (name === undefined) return [];
    const depth = indent.length / 2;
    parents.splice(depth, Infinity, name);
    return [parents.join("/")];
  });
}

test("every folder of the tree is there", () => {
  expect(tree().filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("every package, and every room of layers and the models, is in the tree", () => {
  const listed = new Set(tree());
  const folders = (path: string): string[] =>
    readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [`${path}/${entry.name}`] : []));
  const rooms = ["layers", "models-nlp", "models-vision"].flatMap((name) => folders(`packages/${name}/src`));
  const unsaid = [...folders("packages"), ...rooms].filter((path) => !listed.has(path) && !/\/(generated|platform)$/.test(path));
  expect(unsaid).toEqual([]);
});

test("every link leads somewhere", () => {
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = ""]) => path);
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
