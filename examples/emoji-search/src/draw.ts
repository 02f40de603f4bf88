/** Draws every vendor's emoji to pixels and writes them, with names and keywords, as one file. Only this part needs the picture packages. */
import { createRequire } from "node:module";
import sharp from "sharp";
import { type Emoji, type Picture, writeEmojiFile } from "./emoji-file.ts";

/** The last is held out: no model sees it before the test. */
export const vendors: readonly string[] = ["noto", "noto-v1", "twemoji", "emojione", "fluent-emoji-flat", "openmoji"];
const SIDE = 48;

interface Icon {
  readonly body: string;
  readonly left?: number;
  readonly top?: number;
  readonly width?: number;
  readonly height?: number;
}

interface IconSet {
  readonly icons: Readonly<Record<string, Icon>>;
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>;
  readonly width?: number;
  readonly height?: number;
}

interface Named {
  readonly hexcode: string;
  readonly emoji: string;
  readonly label: string;
  readonly tags?: readonly string[];
}

const require = createRequire(import.meta.url);

/** Code points without the selector that asks for a colourful form: vendors disagree about writing it. */
const bare = (hexcode: string): string => hexcode.toLowerCase().replaceAll("-fe0f", "");

export async function drawEmoji(path: string): Promise<void> {
  const named = require("emojibase-data/en/data.json") as readonly Named[];
  const numberOf = new Map(named.map(({ hexcode }, number) => [bare(hexcode), number]));
  const charsOf = (vendor: string): Readonly<Record<string, string>> =>
    require(`@iconify-json/${vendor}/chars.json`) as Readonly<Record<string, string>>;
  // Two sets don't tell code points: theirs are found by the icons' names, which the others share.
  const codeOf = new Map(vendors.flatMap((vendor) => Object.entries(charsOf(vendor)).map(([code, name]) => [name, bare(code)] as const)));

  const pictures: Picture[] = [];
  const drawn: Buffer[] = [];
  for (const [vendor, name] of vendors.entries()) {
    const set = require(`@iconify-json/${name}/icons.json`) as IconSet;
    const chars = Object.entries(charsOf(name)).map(([code, icon]) => [bare(code), icon] as const);
    const byName = Object.keys({ ...set.icons, ...set.aliases }).map((icon) => [codeOf.get(icon) ?? "", icon] as const);
    const icons = new Map((chars.length > 0 ? chars : byName).map(([code, icon]) => [numberOf.get(code), icon]));
    for (const [emoji, icon] of icons) {
      const found = set.icons[icon] ?? set.icons[set.aliases?.[icon]?.parent ?? ""];
      if (emoji === undefined || !found) continue;
      drawn.push(await drawing(found, set));
      pictures.push({ emoji, vendor });
    }
    console.log(`${name}: ${pictures.filter((picture) => picture.vendor === vendor).length} emoji`);
  }
  const emoji: Emoji[] = named.map(({ emoji: character, label, tags = [] }) => ({ character, label, tags }));
  const bytes = await writeEmojiFile(path, { side: SIDE, emoji, vendors, pictures, pixels: Buffer.concat(drawn) });
  console.log(`${pictures.length} drawings of ${emoji.length} emoji, ${SIDE} × ${SIDE} pixels: ${path}, ${(bytes / 1e6).toFixed(1)} MB`);
}

/** Drawn larger and resized, for smooth edges. */
async function drawing({ body, left = 0, top = 0, ...own }: Icon, set: IconSet): Promise<Buffer> {
  const [width, height] = [own.width ?? set.width ?? 16, own.height ?? set.height ?? 16];
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${4 * SIDE}" height="${4 * SIDE}" ` +
    `viewBox="${left} ${top} ${width} ${height}">${body}</svg>`;
  return sharp(Buffer.from(svg)).resize(SIDE, SIDE).ensureAlpha().raw().toBuffer();
}
