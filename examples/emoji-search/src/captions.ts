import type { Emoji } from "./emoji-file.ts";

/** What an emoji's name is put into. */
export const sentences: readonly string[] = [
  "{label}",
  "a {label} emoji",
  "an emoji of {label}",
  "a picture of {label}",
  "a drawing of {label}",
  "{label} icon",
];

/** A caption for training: half of them the name in a sentence, the others some keywords, or the name with a keyword. `random` gives numbers in [0, 1). */
export function caption({ label, tags }: Emoji, random: () => number): string {
  const kind = random();
  if (kind < 0.5 || tags.length === 0) return pick(sentences, random).replace("{label}", () => label);
  if (kind < 0.65) return `${label}, ${pick(tags, random)}`;
  const count = 1 + Math.floor(3 * random());
  return Array.from({ length: count }, () => pick(tags, random)).join(kind < 0.8 ? ", " : " ");
}

const pick = (from: readonly string[], random: () => number): string => from[Math.floor(random() * from.length)] ?? "";
