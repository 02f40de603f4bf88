#!/usr/bin/env node
/** `npx @x/clip-emoji red heart`: type words, get pictures; name an image file, get words. */
import { readFile, stat } from "node:fs/promises";
import { EmojiSearch } from "./emoji-search.ts";

const words = process.argv.slice(2);
if (words.length === 0 || words[0] === "--help") {
  process.stdout.write("clip-emoji red heart      words → emoji\nclip-emoji picture.png    a picture → emoji and their names\n");
  process.exit(words.length === 0 ? 2 : 0);
}

const [only = ""] = words;
const isFile =
  words.length === 1 &&
  (await stat(only).then(
    (file) => file.isFile(),
    () => false,
  ));
using search = await EmojiSearch.load();
const found = isFile ? await search.describe(await readFile(only)) : await search.find(words.join(" "));
for (const { character, name, score } of found) process.stdout.write(`${character}  ${name}  ${score.toFixed(3)}\n`);
process.exit();
