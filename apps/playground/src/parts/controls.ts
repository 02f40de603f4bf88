import { h } from "../dom.ts";

export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly format: (value: number) => string;
  readonly onInput: (value: number) => void;
}

export function slider({ label, min, max, step, value, format, onInput }: SliderOptions): HTMLElement {
  const output = h("output", {}, format(value));
  const input = h("input", {
    type: "range",
    min: String(min),
    max: String(max),
    step: String(step),
    value: String(value),
    oninput() {
      output.textContent = format(Number(input.value));
      input.setAttribute("aria-valuetext", format(Number(input.value)));
      onInput(Number(input.value));
    },
  });
  return h("label", { className: "slider" }, label, input, output);
}

/** One of a few: radio buttons in a row. */
export function choice<Value extends string>(
  label: string,
  values: readonly Value[],
  chosen: Value,
  onChange: (value: Value) => void,
): HTMLElement {
  const name = `choice-${label.replaceAll(" ", "-")}`;
  return h(
    "fieldset",
    { className: "choice" },
    h("legend", {}, label),
    values.map((value) =>
      h("label", {}, h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onChange(value) }), value),
    ),
  );
}

export const button = (text: string, onclick: () => void, className?: string): HTMLButtonElement =>
  h("button", { type: "button", className, onclick }, text);
