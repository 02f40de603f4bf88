import { proxy } from "comlink";
import { h } from "../dom.ts";
import { button, choice } from "../parts/controls.ts";
import { warm } from "../parts/heat.ts";
import { latest } from "../parts/latest.ts";
import type { View } from "../room.ts";
import type { Step, TranslateWork } from "./translate.work.ts";

const tries = [
  "Type 'string' is not assignable to type 'number'.",
  "Cannot find module './main' or its corresponding type declarations.",
  "A class can only extend a single class.",
  "This variable is never read.",
];
const layers = ["Layer 1", "Layer 2", "Both"] as const;

export const view: View<TranslateWork> = async ({ stage, note, signal, open }) => {
  const input = h("input", { type: "text", className: "big", value: tries[0], "aria-label": "English", oninput: () => run(input.value) });
  const output = h("p", { className: "told", lang: "de", "aria-live": "polite" });
  const table = h("table", { className: "attention" });
  let [source, steps]: [readonly string[], Step[]] = [[], []];
  let layer: (typeof layers)[number] = "Layer 2";
  const put = (text: string): void => {
    input.value = text;
    run(text);
  };
  stage.append(
    h(
      "section",
      {},
      input,
      h(
        "div",
        { className: "row under" },
        tries.map((text) => button(text.replace(/^(.{30}).+/, "$1…"), () => put(text))),
      ),
      output,
    ),
    h(
      "section",
      { className: "card" },
      h(
        "div",
        { className: "row between" },
        h("h2", {}, "Cross-attention"),
        choice("Layer", layers, layer, (next) => ((layer = next), show())),
      ),
      h(
        "p",
        { className: "hint" },
        "A row for each piece that was written: which pieces of the text it looked at. Faint pieces are those that the model wasn't sure of.",
      ),
      h("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Cross-attention" }, table),
    ),
  );
  const work = await open();
  await note(
    "An encoder-decoder of two and two layers, trained on 1 867 messages of the TypeScript compiler and their German translations. It knows compilers, and nothing else.",
    "messages-de",
  );
  const run = latest<string>(async (text) => {
    if (text.trim() === "") return;
    [source, steps] = [[], []];
    const onSource = proxy((tokens: readonly string[]) => void (source = tokens));
    const onStep = proxy((step: Step) => {
      if (signal.aborted) return;
      steps.push(step);
      show();
    });
    const whole = await work.translate(text, onSource, onStep);
    output.textContent = whole;
  });
  run(input.value);

  function show(): void {
    output.replaceChildren(
      ...steps
        .slice(0, -1)
        .concat(steps.slice(-1))
        .filter(({ token }) => token !== "</s>")
        .map(({ token, probability }) => h("span", { style: `opacity:${0.4 + 0.6 * probability}` }, token)),
    );
    table.replaceChildren(
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("td", {}),
          source.map((token) => h("th", { scope: "col" }, h("span", {}, token))),
        ),
      ),
      h(
        "tbody",
        {},
        steps.map((step) => h("tr", {}, h("th", { scope: "row" }, step.token), cells(step))),
      ),
    );
  }

  function cells({ attention: [first = new Float32Array(), second = first] }: Step): HTMLElement[] {
    const at = (i: number): number =>
      layer === "Layer 1" ? (first[i] ?? 0) : layer === "Layer 2" ? (second[i] ?? 0) : ((first[i] ?? 0) + (second[i] ?? 0)) / 2;
    return source.map((_, i) => h("td", { title: at(i).toFixed(2), style: `background:${warm(at(i))}` }));
  }
};
