import { h } from "../dom.ts";
import type { Place, Room } from "../room.ts";
import { connect } from "../worker/connect.ts";
import type { ModelList } from "../worker/files.ts";

/** Shows a room until the signal says that the visitor has left. */
export async function visit(room: Room, main: HTMLElement, signal: AbortSignal): Promise<void> {
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Loading the models" });
  const status = h("p", { className: "status", role: "status" });
  const stage = h("div", { className: `stage room-${room.id}`, inert: true }); // until it can answer
  const note = h("p", { className: "note" });
  main.replaceChildren(
    h("h1", {}, room.title),
    h("p", { className: "lead" }, room.idea),
    h("div", { className: "loading" }, bar, status),
    stage,
    note,
    h("details", { className: "code" }, h("summary", {}, "The same in code"), h("pre", {}, h("code", {}, room.code))),
  );
  const place: Place<never> = {
    stage,
    signal,
    async note(text, model) {
      const score = model === undefined ? undefined : (await listed(signal))[model]?.score;
      note.textContent = score === undefined ? text : `${text} What it reaches: ${score}.`;
    },
    async open() {
      status.textContent = "Loading the models…";
      const work = await connect<never>(room.id, signal, (share) => (bar.value = share));
      bar.value = 1;
      status.textContent = "";
      return work;
    },
  };
  main.dataset["state"] = "loading";
  try {
    const view = await room.view();
    signal.throwIfAborted();
    await view(place);
    signal.throwIfAborted();
    stage.inert = false;
    main.dataset["state"] = "ready";
  } catch (error) {
    if (signal.aborted) return;
    main.dataset["state"] = "failed";
    status.textContent = `This room can't be opened: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function listed(signal: AbortSignal): Promise<ModelList> {
  return (await (await fetch(new URL("models/models.json", document.baseURI), { signal })).json()) as ModelList;
}
