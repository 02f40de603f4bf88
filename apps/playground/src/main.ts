/** The shell: which room is open, and that it is left in order. */
import { rooms } from "./rooms.ts";
import { cover } from "./shell/cover.ts";
import { fillNav } from "./shell/nav.ts";
import { themeSwitch } from "./shell/theme.ts";
import { visit } from "./shell/visit.ts";
import { h } from "./dom.ts";

const found = <Wanted extends Element>(selector: string): Wanted => {
  const element = document.querySelector<Wanted>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
};
const main = found<HTMLElement>("main");
const mark = fillNav(found<HTMLElement>("nav"), found<HTMLButtonElement>(".menu"));
const threads = crossOriginIsolated ? `${navigator.hardwareConcurrency} threads` : "1 thread";
const why =
  "Threads need a server that sends Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy; without them everything works on one.";
found(".foot").append(themeSwitch(), h("span", { title: why }, threads));

let leave = new AbortController();

function enter(isFirst: boolean): void {
  leave.abort(new DOMException("the room was left", "AbortError"));
  leave = new AbortController();
  const room = rooms.find(({ id }) => id === location.hash.slice(1));
  mark(room?.id);
  document.title = room ? `${room.title} · @x playground` : "@x playground";
  main.className = room ? "in-room" : "cover";
  delete main.dataset["state"];
  if (room) void visit(room, main, leave.signal);
  else main.replaceChildren(...cover());
  if (isFirst) return;
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

addEventListener("hashchange", () => enter(false));
found<HTMLAnchorElement>(".skip").onclick = (event) => {
  event.preventDefault();
  main.focus();
};
enter(true);
