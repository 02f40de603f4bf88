import { h } from "../dom.ts";
import { choice } from "../parts/controls.ts";
import { warm } from "../parts/heat.ts";
import { latest } from "../parts/latest.ts";
import type { View } from "../room.ts";
import type { SimilarityWork } from "./similarity.work.ts";

const [PICTURES, TEXTS] = [
  "❤️ 🐶 🌞 🚗 🍎 🎂 🌲 ⚽",
  "red heart, dog face, sun, automobile, red apple, birthday cake, evergreen tree, soccer ball",
];
const ways = ["Cosine", "Which text?", "Which picture?"] as const;

export const view: View<SimilarityWork> = async ({ stage, note, open }) => {
  const pictures = h("input", {
    type: "text",
    className: "big",
    value: PICTURES,
    "aria-label": "Emoji, the pictures",
    oninput: () => compare(undefined),
  });
  const texts = h("input", {
    type: "text",
    className: "big",
    value: TEXTS,
    "aria-label": "Texts, with commas between",
    oninput: () => compare(undefined),
  });
  const table = h("table", { className: "matrix" });
  let way: (typeof ways)[number] = "Cosine";
  let cosines: readonly (readonly number[])[] = [];
  stage.append(
    h(
      "div",
      { className: "halves" },
      h("label", {}, "Emoji, drawn as pictures by your own system", pictures),
      h("label", {}, "Texts, with commas between", texts),
    ),
    h(
      "section",
      { className: "card" },
      h(
        "div",
        { className: "row between" },
        h("h2", {}, "Every picture beside every text"),
        choice("Way", ways, way, (next) => ((way = next), show())),
      ),
      h("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Similarities" }, table),
    ),
  );
  const work = await open();
  const scale = await work.scale();
  await note(
    "clip-emoji, the CLIP of the first room. Cosines say how near a picture's vector and a text's are; multiplied by the learned temperature, softmax over a row or a column makes probabilities. That diagonal is what contrastive training rewards.",
  );
  const compare = latest<undefined>(async () => {
    const [seen, read] = [emojiOf(pictures.value), textsOf(texts.value)];
    cosines = seen.length > 0 && read.length > 0 ? await work.compare(seen.map(drawn), read) : [];
    show();
  });
  compare(undefined);

  function show(): void {
    const [seen, read] = [emojiOf(pictures.value), textsOf(texts.value)];
    table.replaceChildren(
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td", {}),
          read.map((text) => h("th", { scope: "col" }, h("span", {}, text))),
        ),
      ),
      h(
        "tbody",
        {},
        cosines.map((row, i) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, seen[i]),
            row.map((_, j) => cell(shareOf(i, j))),
          ),
        ),
      ),
    );
  }

  function shareOf(i: number, j: number): number {
    const row = cosines[i] ?? [];
    if (way === "Cosine") return row[j] ?? 0;
    const others = way === "Which text?" ? row : cosines.map((other) => other[j] ?? 0);
    const sum = others.reduce((total, cosine) => total + Math.exp(scale * cosine), 0);
    return Math.exp(scale * (row[j] ?? 0)) / sum;
  }
};

const cell = (share: number): HTMLElement => h("td", { style: `background:${warm(share)}` }, share.toFixed(2));

const emojiOf = (text: string): string[] =>
  [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)]
    .map(({ segment }) => segment)
    .filter((segment) => segment.trim() !== "")
    .slice(0, 12);

const textsOf = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .slice(0, 12);

/** An emoji as a picture, in the system's own drawing. */
function drawn(emoji: string): ImageData {
  const [side, context] = [96, new OffscreenCanvas(96, 96).getContext("2d")];
  if (!context) throw new Error("this browser has no canvas");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.fillStyle = "#222";
  context.font = `${0.76 * side}px "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(emoji, side / 2, 0.54 * side);
  return context.getImageData(0, 0, side, side);
}
