import { h } from "../dom.ts";
import { bars } from "../parts/bars.ts";
import { asDigit, digitPad } from "../parts/digit-pad.ts";
import { heads, type Head } from "../parts/heads.ts";
import { heat } from "../parts/heat.ts";
import { latest } from "../parts/latest.ts";
import { offerDigits, paint, sampleDigits } from "../parts/samples.ts";
import type { View } from "../room.ts";
import type { DigitWork, Reading } from "./digit.work.ts";

export const view: View<DigitWork> = async ({ stage, note, open }) => {
  const probabilities = bars("What the model reads");
  const drawing = digitPad(() => look(drawing.pixels()));
  const squares = heads(3, 4, ([layer, head]) => {
    chosen = chosen?.[0] === layer && chosen[1] === head ? undefined : [layer, head];
    show();
  });
  const told = h("p", { className: "told", "aria-live": "polite" }, "Draw a digit.");
  const samples = h("div", {});
  let chosen: Head | undefined;
  let reading: Reading | undefined;
  stage.append(
    h(
      "div",
      { className: "columns" },
      h("div", { className: "narrow" }, drawing.element, samples),
      h("div", { className: "stack" }, told, probabilities.element),
    ),
    h(
      "section",
      { className: "card" },
      h("h2", {}, "Where each head looks"),
      h(
        "p",
        { className: "hint" },
        "A square for each head, layer by layer. Press one to lay it over your drawing; press it again for all layers together.",
      ),
      squares.element,
    ),
  );
  show();
  const work = await open();
  const digits = await sampleDigits();
  samples.append(...offerDigits(digits, drawing));
  await note(
    "A ViT of three layers and four heads, trained on MNIST for a few minutes by this repository's own training loop.",
    "digits-vit",
  );

  const look = latest<ImageData>(async (image) => {
    const digit = asDigit(image);
    reading = digit && (await work.read(digit));
    show();
  });

  function show(): void {
    if (!reading) {
      probabilities.show(Array.from({ length: 10 }, (_, digit) => ({ label: String(digit), share: 0 })));
      squares.show([], 1, chosen);
      heat(drawing.over, new Float32Array(1), 1);
      told.textContent = "Draw a digit.";
      return;
    }
    const { probabilities: shares, heads: looked, map } = reading;
    const best = shares.indexOf(Math.max(...shares));
    probabilities.show(
      Array.from(shares, (share, digit) => ({ label: String(digit), share })),
      best,
    );
    const share = shares[best] ?? 0;
    told.replaceChildren(share > 0.9 ? "This is a " : share > 0.5 ? "Probably a " : "Perhaps a ", h("strong", {}, String(best)), ".");
    heat(drawing.over, chosen ? (looked[chosen[0]]?.[chosen[1]] ?? map) : map, 7);
    squares.show(looked, 7, chosen);
  }
  drawing.put((context, side) => paint(context, digits[6] ?? [], side));
};
