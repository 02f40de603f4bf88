import { h } from "../dom.ts";
import { bars } from "../parts/bars.ts";
import { asDigit, digitPad } from "../parts/digit-pad.ts";
import { heat } from "../parts/heat.ts";
import { latest } from "../parts/latest.ts";
import { offerDigits, paint, sampleDigits } from "../parts/samples.ts";
import type { View } from "../room.ts";
import type { MixerWork } from "./mixer.work.ts";

const [GRID, UNITS] = [14, 48];

export const view: View<MixerWork> = async ({ stage, note, open }) => {
  const probabilities = bars("What the model reads");
  const samples = h("div", {});
  const tiles = h("div", { className: "tiles", role: "group", "aria-label": "Filters, the one that answers loudest first" });
  let chosen: number | undefined;
  const drawing = digitPad(() => read(drawing.pixels()));
  stage.append(
    h("div", { className: "columns" }, h("div", { className: "narrow" }, drawing.element, samples), probabilities.element),
    h(
      "section",
      { className: "card" },
      h("h2", {}, "What the first layer looks for"),
      h(
        "p",
        { className: "hint" },
        "A square for each hidden unit: where it adds (warm) and where it takes away (cold). The loudest for your drawing come first, the silent ones fade. Press one to lay it over the drawing.",
      ),
      tiles,
    ),
  );
  const canvases = Array.from({ length: UNITS }, () => h("canvas", {}));
  const buttons = canvases.map((canvas, unit) =>
    h(
      "button",
      {
        type: "button",
        "aria-label": `Hidden unit ${unit + 1}`,
        "aria-pressed": "false",
        onclick() {
          chosen = chosen === unit ? undefined : unit;
          overlay();
        },
      },
      canvas,
    ),
  );
  tiles.append(...buttons);
  probabilities.show(Array.from({ length: 10 }, (_, i) => ({ label: String(i), share: 0 })));
  const work = await open();
  const [filters, digits] = await Promise.all([work.filters(), sampleDigits()]);
  for (const [unit, canvas] of canvases.entries()) heat(canvas, filters[unit] ?? [0], GRID);
  samples.append(...offerDigits(digits, drawing));
  await note(
    "MLP-Mixer has neither attention nor convolutions: every patch hears of the others through an MLP whose weights have fixed places, so they can be looked at, as in figure 5 of the paper. Three layers, trained on MNIST.",
    "digits-mixer",
  );
  const read = latest<ImageData>(async (image) => {
    const digit = asDigit(image);
    if (!digit) return;
    const { probabilities: shares, answers } = await work.read(digit);
    probabilities.show(
      Array.from(shares, (share, i) => ({ label: String(i), share })),
      shares.indexOf(Math.max(...shares)),
    );
    const loudest = Math.max(...answers);
    for (const [unit, button] of buttons.entries()) {
      const loudness = (answers[unit] ?? 0) / loudest;
      button.style.order = String(Math.round(-100 * loudness));
      button.style.opacity = String(0.15 + 0.85 * loudness ** 1.5);
    }
  });

  function overlay(): void {
    for (const [unit, button] of buttons.entries()) button.setAttribute("aria-pressed", String(unit === chosen));
    heat(drawing.over, chosen === undefined ? [0] : (filters[chosen] ?? [0]), chosen === undefined ? 1 : GRID);
  }
  drawing.put((context, side) => paint(context, digits[7] ?? [], side));
};
