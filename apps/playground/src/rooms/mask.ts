import { h, svg } from "../dom.ts";
import { bars } from "../parts/bars.ts";
import { button } from "../parts/controls.ts";
import { heads, type Head } from "../parts/heads.ts";
import { latest } from "../parts/latest.ts";
import type { View } from "../room.ts";
import type { Filled, MaskWork } from "./mask.work.ts";

const tries = [
  "The Congress of the United [MASK] has the power.",
  "My fellow [MASK].",
  "I approve the report of the [MASK] of War.",
  "for the fiscal year [MASK] June 30.",
];
const [LINE, WIDTH, GUESSES] = [26, 340, 6];

export const view: View<MaskWork> = async ({ stage, note, open }) => {
  const input = h("input", {
    type: "text",
    className: "big",
    value: tries[0],
    "aria-label": "A sentence with [MASK]",
    oninput: () => fill(input.value),
  });
  const [guesses, large] = [h("div", { className: "guesses" }), h("div", { className: "links" })];
  const squares = heads(2, 4, (head) => {
    chosen = head;
    show();
  });
  let [chosen, word]: [Head, number | undefined] = [[0, 0], undefined];
  let filled = unfilled(input.value);
  const mask = button("Insert [MASK]", () => {
    const [from, to] = [input.selectionStart ?? input.value.length, input.selectionEnd ?? input.value.length];
    input.setRangeText("[MASK]", from, to, "end");
    input.focus();
    fill(input.value);
  });
  const put = (text: string): void => {
    input.value = text;
    fill(text);
  };
  stage.append(
    h(
      "section",
      {},
      input,
      h(
        "div",
        { className: "row under" },
        mask,
        tries.map((text) => button(text.replace(/^(.{26}).*/, "$1…"), () => put(text))),
      ),
      guesses,
    ),
    h(
      "div",
      { className: "halves" },
      h(
        "section",
        { className: "card" },
        h("h2", {}, "Every head"),
        h("p", { className: "hint" }, "Rows look, columns are looked at. Press one to see its lines."),
        squares.element,
      ),
      h("section", { className: "card" }, h("h2", {}, "Who looks at whom"), large),
    ),
  );
  show();
  const work = await open();
  await note(
    "A BERT of two layers with four heads each, trained on 230 years of speeches on the State of the Union. It knows presidents' phrases, little else.",
    "speeches-bert",
  );
  const fill = latest<string>(async (text) => {
    filled = await work.fill(text);
    if (word !== undefined && word >= filled.tokens.length) word = undefined;
    show();
  });
  fill(input.value);

  function show(): void {
    guesses.replaceChildren(
      ...filled.guesses.map((list, i) => {
        const shown = bars(`For gap ${i + 1}`);
        shown.show(list, 0);
        return h("div", { className: "card" }, shown.element);
      }),
    );
    if (filled.guesses.length === 0) guesses.append(h("p", { className: "hint" }, "Put [MASK] where a word is missing."));
    squares.show(filled.heads, filled.tokens.length, chosen, { most: 0.7 });
    const words = (): SVGElement[] => [...large.querySelectorAll<SVGElement>("[role=button]")];
    const focused = words().findIndex((one) => one === document.activeElement);
    large.replaceChildren(links(filled.tokens, filled.heads[chosen[0]]?.[chosen[1]] ?? new Float32Array(), word, choose));
    words()[focused]?.focus(); // who goes by keyboard stays where they are
  }

  function choose(next: number | undefined): void {
    word = next;
    show();
  }
};

/** What takes as much room as the first answer will. */
const unfilled = (text: string): Filled => ({
  tokens: ["[CLS]", ...(text.match(/\[MASK\]|\w+|[^\w\s]/g) ?? []), "[SEP]"],
  guesses: [Array.from({ length: GUESSES }, () => ({ label: "…", share: 0 }))],
  heads: [],
});

/** Words on the left look at words on the right: the stronger, the darker the line. */
function links(
  tokens: readonly string[],
  attention: Float32Array,
  word: number | undefined,
  choose: (word: number | undefined) => void,
): SVGElement {
  const count = tokens.length;
  const y = (i: number): number => LINE * (i + 0.5);
  const lines = Array.from(attention, (share, at) => {
    const [from, to] = [Math.floor(at / count), at % count];
    const isHidden = share < 0.03 || (word !== undefined && word !== from);
    if (isHidden) return [];
    const path = `M112 ${y(from)}C170 ${y(from)} 170 ${y(to)} 228 ${y(to)}`;
    return [
      svg("path", {
        d: path,
        stroke: "var(--heat)",
        "stroke-width": 0.6 + 4 * share,
        "stroke-opacity": Math.min(1, 0.12 + share),
        fill: "none",
      }),
    ];
  }).flat();
  const left = tokens.map((token, i) => {
    const text = svg(
      "text",
      {
        x: 106,
        y: y(i) + 4.5,
        "text-anchor": "end",
        role: "button",
        tabindex: 0,
        class: i === word ? "chosen" : "",
        "aria-label": `What ${token} looks at`,
      },
      token,
    );
    const toggle = (): void => choose(word === i ? undefined : i);
    text.addEventListener("click", toggle);
    text.addEventListener("keydown", ({ key }) => key === "Enter" && toggle());
    return text;
  });
  const looked = tokens.map((_, to) => (word === undefined ? 0 : (attention[word * count + to] ?? 0)));
  const right = tokens.map((token, i) =>
    svg("text", { x: 234, y: y(i) + 4.5, "fill-opacity": word === undefined ? 1 : 0.35 + 0.65 * Math.min(1, 3 * (looked[i] ?? 0)) }, token),
  );
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${LINE * count}`, role: "group", "aria-label": "Words on the left look at words on the right" },
    ...lines,
    ...left,
    ...right,
  );
}
