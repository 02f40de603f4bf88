/** The Bible, verse by verse, in English (King James) and Spanish (Reina-Valera 1909), from Debian's `sword-text-kjv` and `sword-text-sparv`; public domain. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { debianPackage } from "./packages.ts";

export interface Verse {
  readonly source: string;
  readonly target: string;
}

/** Both have the same verses at the same places. @throws UnavailableError where Debian's packages can't be had */
export async function readVerses(): Promise<Verse[]> {
  const modules = "usr/share/sword/modules/texts/ztext";
  const [english, spanish] = await Promise.all([
    readModule(join(await debianPackage("sword-text-kjv"), modules, "engKJV2006eb")),
    readModule(join(await debianPackage("sword-text-sparv"), modules, "spaRV1909eb")),
  ]);
  return english.flatMap((source, i) => {
    const target = spanish[i] ?? "";
    return source === "" || target === "" ? [] : [{ source, target }];
  });
}

/**
 * SWORD's zText: of each testament the verses' places (`.bzv`: block u32, begin u32, length u16), the blocks' places (`.bzs`: begin, length, length when
 * inflated, all u32) and the blocks themselves (`.bzz`, zlib), all little-endian.
 */
async function readModule(folder: string): Promise<string[]> {
  const testaments = await Promise.all(
    ["ot", "nt"].map(async (testament) => {
      const [verses, places, blocks] = await Promise.all(
        ["bzv", "bzs", "bzz"].map((ending) => readFile(join(folder, `${testament}.${ending}`))),
      );
      if (!verses || !places || !blocks) return [];
      const inflated = Array.from({ length: places.length / 12 }, (_, i) => {
        const begin = places.readUInt32LE(12 * i);
        return inflateSync(blocks.subarray(begin, begin + places.readUInt32LE(12 * i + 4)));
      });
      return Array.from({ length: verses.length / 10 }, (_, i) => {
        const begin = verses.readUInt32LE(10 * i + 4);
        const block = inflated[verses.readUInt32LE(10 * i)];
        return plain(block?.toString("utf8", begin, begin + verses.readUInt16LE(10 * i + 8)) ?? "");
      });
    }),
  );
  return testaments.flat();
}

/** Without notes, headings and markup. */
const plain = (text: string): string =>
  text
    .replaceAll(/<(note|title)\b[^>]*>.*?<\/\1>/gs, "")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/[¶\s]+/g, " ")
    .trim();
