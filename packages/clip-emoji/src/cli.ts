#!/usr/bin/env node
/** `npx @x/clip-emoji red heart`: type words, get pictures; name an image file or its address, get words. */
import { readFile, stat } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { shutdown, XError } from "@x/layers";
import { EmojiSearch } from "./emoji-search.ts";

const usage = `clip-emoji red heart      words → emoji
clip-emoji picture.png    a picture, or its address → emoji and their names

  -k, --top-k <count>     how many to tell, the likeliest first (default: 5)
      --json              one object: {"words" or "file", "found": [{"character", "name", "score"}]}
      --version, --help
`;

/** Wrong use. */
class UsageError extends XError {
  override readonly name = "UsageError";
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1)); // the reader has enough
try {
  await main();
} catch (error) {
  process.stderr.write(`clip-emoji: ${(error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, " ")}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
} finally {
  shutdown();
}

async function main(): Promise<void> {
  const { values, positionals } = given();
  if (values.help === true) return void process.stdout.write(usage);
  if (values.version === true) return void process.stdout.write(`${await ownVersion()}\n`);
  const input = positionals.join(" ").trim();
  if (input === "") throw new UsageError(`there is nothing to look for; clip-emoji --help says how it is called`);
  const count = values["top-k"];
  if (!/^[1-9]\d{0,5}$/.test(count)) throw new UsageError(`--top-k is a whole number from 1 on, but is ${count}`);
  const isSeen = positionals.length === 1 && (await isPicture(input));
  using search = await EmojiSearch.load();
  const found = await (isSeen ? search.describe(input, { topK: Number(count) }) : search.find(input, { topK: Number(count) }));
  const lines = found.map(({ character, name, score }) => `${character}  ${name}  ${score.toFixed(3)}\n`);
  process.stdout.write(values.json === true ? `${JSON.stringify({ [isSeen ? "file" : "words"]: input, found })}\n` : lines.join(""));
}

function given() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        version: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        "top-k": { type: "string", short: "k", default: "5" },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Whether it names a picture: an address, a file that is there, or one that is missing but ends like a picture's. */
async function isPicture(name: string): Promise<boolean> {
  if (/^(https?|data|file):/i.test(name) || /\.(jpe?g|png|webp|gif|bmp)$/i.test(name)) return true;
  return stat(name).then(
    (file) => file.isFile(),
    () => false,
  );
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string };
  return version;
}
