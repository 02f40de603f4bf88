import { h, svg } from "../dom.ts";
import type { Room } from "../room.ts";
import { rooms } from "../rooms.ts";

/** The list of rooms, by group; `show` marks the one that is open. */
export function fillNav(nav: HTMLElement, menu: HTMLButtonElement): (open: string | undefined) => void {
  const links = new Map(rooms.map((room) => [room.id, h("a", { href: `#${room.id}` }, icon(room), room.title)]));
  for (const group of new Set(rooms.map((room) => room.group))) {
    const own = rooms.filter((room) => room.group === group).map(({ id }) => h("li", {}, links.get(id)));
    nav.append(h("section", {}, h("h2", {}, group), h("ul", {}, own)));
  }
  const unfold = (isOpen: boolean): void => {
    menu.setAttribute("aria-expanded", String(isOpen));
    document.body.classList.toggle("unfolded", isOpen);
  };
  menu.onclick = () => unfold(menu.getAttribute("aria-expanded") !== "true");
  addEventListener("keydown", ({ key }) => key === "Escape" && unfold(false));
  return (open) => {
    unfold(false);
    for (const [id, link] of links) {
      if (id === open) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };
}

export function icon({ icon: path }: Room): SVGElement {
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, svg("path", { d: path }));
}
