/** What ftfy does to a text before OpenAI's tokenizer sees it (Speer 2019), with characters that it takes for what an editor or a wrong decoder made of plainer ones. */
import { inOrder, unicodeForm } from "../stages/normalizers.ts";
import type { Normalizer } from "../stages/pipeline.ts";

/** What Windows-1252 has for the bytes 0x80 to 0x9f; the five that it lacks stand for themselves. */
const windows1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";
const byteOfCharacter: ReadonlyMap<string, number> = new Map([
  ...Array.from(windows1252, (character, i) => [character, 0x80 + i] as const),
  ...Array.from({ length: 96 }, (_, i) => [String.fromCharCode(0xa0 + i), 0xa0 + i] as const),
]);

/** Two to four characters whose bytes could be one character of UTF-8. */
const continuing = `[${windows1252}\x80-\xbf]`;
const misread = new RegExp(`[\xc2-\xdf]${continuing}|[\xe0-\xef]${continuing}{2}|[\xf0-\xf4]${continuing}{3}`, "gu");

/** UTF-8 that was read as Windows-1252: "â€™" is "’". */
function decoded(characters: string): string {
  const bytes = Uint8Array.from(characters, (character) => byteOfCharacter.get(character) ?? character.charCodeAt(0));
  const text = new TextDecoder().decode(bytes);
  return text.includes("\ufffd") ? characters : text;
}

const ligatures: ReadonlyMap<string, string> = new Map(
  "Ĳ IJ ĳ ij ŉ ʼn Ǳ DZ ǲ Dz ǳ dz Ǆ DŽ ǅ Dž ǆ dž Ǉ LJ ǈ Lj ǉ lj Ǌ NJ ǋ Nj ǌ nj ﬀ ff ﬁ fi ﬂ fl ﬃ ffi ﬄ ffl ﬅ ſt ﬆ st"
    .match(/\S+ \S+/g)
    ?.map((pair) => {
      const [ligature = "", letters = ""] = pair.split(" ");
      return [ligature, letters] as const;
    }),
);

/** Decodes what was decoded wrongly; takes ligatures apart, wide characters to their usual width, curly quotes to straight ones, control characters out; composes. */
export const repaired: Normalizer = inOrder(
  (text) => text.map(misread, decoded),
  (text) => text.map(/[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/gu, (ligature) => ligatures.get(ligature) ?? ligature),
  (text) => text.map(/[\u3000\uff01-\uffef]/gu, (wide) => wide.normalize("NFKC")),
  (text) => text.map(/[\u02bc\u2018-\u201b]/gu, () => "'"),
  (text) => text.map(/[\u201c-\u201f]/gu, () => '"'),
  (text) => text.map(/[^\P{Cc}\t\n\f\r\x80-\x9f]|[\ufeff\u206a-\u206f\ufff9-\ufffb]/gu, () => ""),
  unicodeForm("NFC"),
);
