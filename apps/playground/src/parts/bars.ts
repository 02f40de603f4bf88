import { h } from "../dom.ts";

export interface Bar {
  readonly label: string;
  /** From 0 to 1. */
  readonly share: number;
}

export interface Bars {
  readonly element: HTMLElement;
  /** @param best which one is told from the others */
  show(bars: readonly Bar[], best?: number): void;
}

/** Shares as bars, a line each. Lines stay while there are as many, so that they move. */
export function bars(name: string): Bars {
  const element = h("ul", { className: "bars", "aria-label": name });
  return {
    element,
    show(list, best) {
      while (element.children.length > list.length) element.lastChild?.remove();
      while (element.children.length < list.length)
        element.append(
          h("li", {}, h("span", {}), h("span", { className: "track", "aria-hidden": "true" }, h("i")), h("span", { className: "share" })),
        );
      for (const [i, { label, share }] of list.entries()) {
        const line = element.children[i] as HTMLElement;
        const [text, track, figure] = line.children as unknown as [HTMLElement, HTMLElement, HTMLElement];
        line.className = i === best ? "best" : "";
        text.textContent = label;
        (track.firstElementChild as HTMLElement).style.transform = `scaleX(${Math.min(1, Math.max(0, share))})`;
        figure.textContent = `${(100 * share).toFixed(1)} %`;
      }
    },
  };
}
