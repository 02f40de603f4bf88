import { h } from "../dom.ts";
import { bars } from "../parts/bars.ts";
import { button } from "../parts/controls.ts";
import { filesOfDrop } from "../parts/dropped.ts";
import type { View } from "../room.ts";
import type { Loaded, OwnWork } from "./own.work.ts";

export const view: View<OwnWork> = async ({ stage, note, open }) => {
  const name = h("input", {
    type: "text",
    className: "big",
    placeholder: "owner/name on huggingface.co",
    "aria-label": "A repository on the hub",
  });
  const folder = h("input", {
    type: "file",
    webkitdirectory: true,
    multiple: true,
    className: "hidden",
    id: "folder",
    onchange: () => void load(new Map([...(folder.files ?? [])].map((file) => [inner(file.webkitRelativePath || file.name), file]))),
  });
  const drop = h(
    "label",
    { className: "drop", for: "folder" },
    h("strong", {}, "Drop a checkpoint's folder here"),
    h("span", {}, "config.json, model.safetensors and what lies beside them, or choose it"),
    folder,
  );
  const told = h("p", { className: "hint", role: "status" });
  const trying = h("div", { className: "trying" });
  stage.append(
    h(
      "div",
      { className: "halves" },
      drop,
      h(
        "form",
        { className: "card", onsubmit: (event: SubmitEvent) => (event.preventDefault(), void load(name.value.trim())) },
        h("h2", {}, "Or name a repository"),
        name,
        h(
          "div",
          { className: "row under" },
          h("button", { className: "primary" }, "Load"),
          h("span", { className: "hint" }, "Fetched from huggingface.co by your browser, and kept in its cache."),
        ),
      ),
    ),
    told,
    trying,
  );
  drop.ondragover = (event) => (event.preventDefault(), drop.classList.add("over"));
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    void load(await filesOfDrop(event.dataTransfer));
  };
  const work = await open();
  await note(
    "Classes, tasks and tokenizers are found by the files alone, as load and pipeline of the packages do it. Dropped files stay in this tab.",
  );

  async function load(where: string | ReadonlyMap<string, Blob>): Promise<void> {
    if (typeof where === "string" ? where === "" : where.size === 0) return;
    trying.replaceChildren();
    told.textContent = "Loading…";
    try {
      const loaded = await work.load(where);
      const { family, task, parameters, notes } = loaded;
      told.textContent = [`${family}, ${(parameters / 1e6).toFixed(1)} million weights: ${task}.`, ...notes.slice(0, 3)].join(" ");
      trying.replaceChildren(form(loaded));
    } catch (error) {
      told.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  function form({ wants }: Loaded): HTMLElement {
    const text = h("textarea", { className: "big", rows: 2 });
    const second = h("textarea", { className: "big", rows: 4 });
    const image = h("input", { type: "file", accept: "image/*" });
    const output = bars("What the model says");
    const said = h("p", { className: "told", "aria-live": "polite" });
    const run = async (): Promise<void> => {
      said.textContent = "…";
      try {
        const { text: answer = "", bars: list = [] } = await work.run({ text: text.value, second: second.value, image: image.files?.[0] });
        said.textContent = answer;
        output.show(list, 0);
      } catch (error) {
        said.textContent = error instanceof Error ? error.message : String(error);
      }
    };
    const fields = (
      [
        ["text", text],
        ["second", second],
        ["image", image],
      ] as const
    ).flatMap(([key, field]) => (wants[key] === undefined ? [] : [h("label", { className: "field" }, wants[key], field)]));
    return h(
      "div",
      { className: "card" },
      h("h2", {}, "Try it"),
      fields,
      h(
        "div",
        { className: "row under" },
        button("Run", () => void run(), "primary"),
      ),
      said,
      output.element,
    );
  }
};

/** A file's path without the folder that was chosen. */
const inner = (path: string): string => path.split("/").slice(1).join("/") || path;
