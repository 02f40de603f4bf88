import { h } from "../dom.ts";
import { rooms } from "../rooms.ts";
import { icon } from "./nav.ts";

/** The page that one comes to first. */
export function cover(): HTMLElement[] {
  return [
    h("h1", {}, "Look inside a transformer."),
    h(
      "p",
      { className: "lead" },
      "Eight classic models, small enough for one tab. Draw for them, write to them, watch where they look, train one of your own. Nothing leaves your machine: no server, no account.",
    ),
    h(
      "ul",
      { className: "cards" },
      rooms.map((room) => h("li", {}, h("a", { href: `#${room.id}` }, icon(room), h("strong", {}, room.title), h("span", {}, room.idea)))),
    ),
  ];
}
