import { h } from "../dom.ts";
import { button, slider } from "../parts/controls.ts";
import { asDigit, digitPad, SIDE } from "../parts/digit-pad.ts";
import { grey } from "../parts/heat.ts";
import { latest } from "../parts/latest.ts";
import { offerDigits, paint, sampleDigits } from "../parts/samples.ts";
import type { View } from "../room.ts";
import type { MaeWork } from "./mae.work.ts";

const [GRID, PATCH] = [7, 4];

export const view: View<MaeWork> = async ({ stage, note, open }) => {
  const [seen, completed] = [
    h("canvas", { role: "img", "aria-label": "What the encoder sees" }),
    h("canvas", { role: "img", "aria-label": "The whole picture, as the decoder paints it" }),
  ];
  const [samples, count] = [h("div", {}), h("p", { className: "hint", "aria-live": "polite" })];
  let [share, order, toggled] = [0.5, shuffled(), new Set<number>()];
  let digit: Float32Array<ArrayBuffer> | undefined;
  const drawing = digitPad(() => {
    digit = asDigit(drawing.pixels());
    show();
  });
  const patches = h(
    "div",
    { className: "patches", role: "group", "aria-label": "Patches: press one to hide or show it" },
    order.map((_, i) =>
      h("button", {
        type: "button",
        "aria-label": `Patch ${Math.floor(i / GRID) + 1}, ${(i % GRID) + 1}`,
        onclick() {
          if (toggled.has(i)) toggled.delete(i);
          else toggled.add(i);
          show();
        },
      }),
    ),
  );
  const cover = slider({
    label: "Masked",
    min: 0,
    max: 0.95,
    step: 0.01,
    value: share,
    format: (value) => `${Math.round(100 * value)} %`,
    onInput(value) {
      [share, toggled] = [value, new Set()];
      show();
    },
  });
  const again = button("Other patches", () => {
    [order, toggled] = [shuffled(), new Set()];
    show();
  });
  stage.append(
    h(
      "div",
      { className: "columns" },
      h("div", { className: "narrow" }, drawing.element, samples),
      h(
        "div",
        {},
        h("div", { className: "row under" }, h("div", { className: "grow" }, cover), again),
        h(
          "div",
          { className: "pair" },
          h(
            "figure",
            {},
            h("div", { className: "picture" }, seen, patches),
            h("figcaption", {}, "What the encoder sees. Press a patch to hide or show it."),
          ),
          h("figure", {}, h("div", { className: "picture" }, completed), h("figcaption", {}, "What the decoder makes of it.")),
        ),
        count,
      ),
    ),
  );
  const work = await open();
  const digits = await sampleDigits();
  samples.append(...offerDigits(digits, drawing));
  await note(
    "A masked autoencoder with three layers that look and one that paints, trained on MNIST without labels. It has never seen anything but digits: draw a house, and it will see one in it.",
    "digits-mae",
  );

  const complete = latest<readonly boolean[]>(async (masked) => {
    if (digit) grey(completed, await work.complete(digit, masked), SIDE);
  });

  function show(): void {
    const hidden = new Set(order.slice(0, Math.round(share * order.length)));
    const masked = order.map((_, i) => hidden.has(i) !== toggled.has(i));
    for (const [i, patch] of [...patches.children].entries()) patch.setAttribute("aria-pressed", String(masked[i]));
    grey(seen, digit ?? new Float32Array(SIDE * SIDE).fill(-1), SIDE);
    const left = masked.filter((isMasked) => !isMasked).length;
    count.textContent = `${left} of ${masked.length} patches of ${PATCH} × ${PATCH} pixels are seen.`;
    complete(masked);
  }
  drawing.put((context, side) => paint(context, digits[5] ?? [], side));
};

/** The patches in any order. */
function shuffled(): number[] {
  const keys = crypto.getRandomValues(new Uint32Array(GRID * GRID));
  return [...keys.keys()].sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}
