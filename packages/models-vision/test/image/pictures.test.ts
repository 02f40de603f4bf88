/** Pictures of every kind that Pillow reads, byte for byte: golden/image/pictures.json, written by tools/reference/pictures.py. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeImage } from "../../src/index.ts";
import { goldenFolder } from "../golden.ts";

interface Picture {
  readonly size: readonly [width: number, height: number];
  /** Of the pixels, its first 16 digits. */
  readonly sha256: string;
  /** Where the kind was reported. */
  readonly source?: string;
}

const folder = goldenFolder("image");
const pictures: Readonly<Record<string, Picture>> = JSON.parse(readFileSync(`${folder}/pictures.json`, "utf8"));

test.each(Object.entries(pictures).map(([name, picture]) => [name, picture.source ?? "", picture] as const))(
  "%s has Pillow's pixels %s",
  async (name, _, { size, sha256 }) => {
    const { width, height, data } = await decodeImage(readFileSync(`${folder}/${name}`));
    expect([width, height]).toEqual(size);
    expect(createHash("sha256").update(data).digest("hex").slice(0, 16)).toBe(sha256);
  },
);

test("decoding leaves no global behind, many at once neither: GoogleChromeLabs/squoosh#803", async () => {
  const before = Object.getOwnPropertyNames(globalThis).sort();
  await Promise.all(
    ["rgb.png", "q85-s2.jpg", "lossy.webp", "alpha.webp", "lossless.webp", "animated.gif", "rgb.bmp"].map((name) =>
      decodeImage(readFileSync(`${folder}/${name}`)),
    ),
  );
  expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before);
});
