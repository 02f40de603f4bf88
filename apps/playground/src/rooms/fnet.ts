import { h } from "../dom.ts";
import { bars } from "../parts/bars.ts";
import { heat } from "../parts/heat.ts";
import { latest } from "../parts/latest.ts";
import type { View } from "../room.ts";
import type { FNetWork, Mixed } from "./fnet.work.ts";

export const view: View<FNetWork> = async ({ stage, note, open }) => {
  const input = h("input", {
    type: "text",
    className: "big",
    value: "The people of the United States of America are strong.",
    "aria-label": "A sentence",
    oninput: () => mix(undefined),
  });
  const words = h("div", { className: "row under words", role: "group", "aria-label": "Words: press one to mask it" });
  const guesses = bars("What the model would put there");
  const pictures = (["What goes in", "What changes in it", "After mixing", "What changes in that, on a scale of its own"] as const).map(
    (name) => {
      const canvas = h("canvas", { role: "img", "aria-label": name });
      return { canvas, figure: h("figure", {}, h("figcaption", {}, name), canvas) };
    },
  );
  let place = 5;
  stage.append(
    h("section", {}, input, h("p", { className: "hint under" }, "Press a word to mask it."), words),
    h(
      "section",
      { className: "card" },
      h("h2", {}, "A row for each word, a column for each number"),
      h(
        "div",
        { className: "mixing" },
        pictures.map(({ figure }) => figure),
      ),
    ),
    h("section", { className: "card" }, h("h2", {}, "So the model can guess the word that is masked"), guesses.element),
  );
  const work = await open();
  await note(
    "FNet has no attention: a Fourier transform over words and numbers, without a single weight, does the mixing. One masked word changes one row; after the transform it has changed every row. Two layers, trained on speeches on the State of the Union.",
    "speeches-fnet",
  );
  const mix = latest<undefined>(async () => {
    if (input.value.trim() !== "") show(await work.mix(input.value, place));
  });
  mix(undefined);

  function show(mixed: Mixed): void {
    place = mixed.place;
    words.replaceChildren(
      ...mixed.tokens.map((token, i) =>
        h(
          "button",
          {
            type: "button",
            disabled: i === 0 || i === mixed.tokens.length - 1,
            "aria-pressed": String(i === place),
            onclick() {
              place = i;
              mix(undefined);
            },
          },
          token,
        ),
      ),
    );
    const { before, after, changeBefore, changeAfter, width } = mixed;
    const scales = [spread(before), spread(before), spread(after), spread(changeAfter)];
    for (const [i, values] of [before, changeBefore, after, changeAfter].entries()) {
      const picture = pictures[i];
      if (picture) heat(picture.canvas, values, width, { most: 2.5 * (scales[i] ?? 1) });
    }
    guesses.show(mixed.guesses, 0);
  }
};

/** The root of the mean square. */
const spread = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
