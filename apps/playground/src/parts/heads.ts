import { h } from "../dom.ts";
import { heat, type HeatOptions } from "./heat.ts";

export type Head = readonly [layer: number, head: number];

export interface Heads {
  readonly element: HTMLElement;
  /** @param values of every layer and head, `columns` in a row; none: empty squares */
  show(values: readonly (readonly ArrayLike<number>[])[], columns: number, chosen: Head | undefined, options?: HeatOptions): void;
}

/** A square for each head, layer by layer, to choose from. They are there before the first numbers, so that nothing moves when these come. */
export function heads(layers: number, count: number, choose: (head: Head) => void): Heads {
  const squares = Array.from({ length: layers }, (_layer, layer) =>
    Array.from({ length: count }, (_head, head) =>
      h(
        "button",
        { type: "button", "aria-label": `Layer ${layer + 1}, head ${head + 1}`, onclick: () => choose([layer, head]) },
        h("canvas", {}),
      ),
    ),
  );
  return {
    element: h(
      "div",
      { className: "heads" },
      squares.map((row, layer) => h("div", { className: "layer" }, `Layer ${layer + 1}`, row)),
    ),
    show(values, columns, chosen, options) {
      for (const [layer, row] of squares.entries())
        for (const [head, square] of row.entries()) {
          square.setAttribute("aria-pressed", String(chosen?.[0] === layer && chosen[1] === head));
          heat(square.firstElementChild as HTMLCanvasElement, values[layer]?.[head] ?? [0], columns, options);
        }
    },
  };
}
