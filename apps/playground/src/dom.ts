/** Elements in one line each, so that a room reads like what it shows. */

type Child = Node | string | number | undefined | readonly Child[];

/** `h("p", { className: "note", "aria-live": "polite" }, "text", …)`: properties where the element has them, else attributes. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Readonly<Record<string, unknown>> & Partial<Pick<HTMLElementTagNameMap[Tag], "onclick" | "oninput" | "onchange">> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name in element && !["style", "role", "list"].includes(name)) Object.assign(element, { [name]: value });
    else element.setAttribute(name, String(value));
  }
  element.append(...nodesOf(children));
  return element;
}

function nodesOf(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => {
    if (child === undefined) return [];
    if (typeof child === "string" || typeof child === "number") return [String(child)];
    return child instanceof Node ? [child] : nodesOf(child as readonly Child[]);
  });
}

/** An SVG element. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
