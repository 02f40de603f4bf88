import { proxy } from "comlink";
import { h } from "../dom.ts";
import { button } from "../parts/controls.ts";
import type { View } from "../room.ts";
import type { BenchWork, Row } from "./bench.work.ts";

const HEADINGS = ["", "beside", "@x", "theirs", "theirs ÷ ours", "largest difference"];

export const view: View<BenchWork> = async ({ stage, note, open }) => {
  const rows: Row[] = [];
  const body = h("tbody", {});
  const told = h("p", { className: "hint", role: "status" });
  const start = button("Run", () => void run(), "primary");
  const copy = button("Copy the result", () => void copyText());
  copy.disabled = true;
  stage.append(
    h("div", { className: "row" }, start, copy, told),
    h(
      "div",
      { className: "scroll card" },
      h(
        "table",
        { className: "results" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            HEADINGS.map((name) => h("th", { scope: "col" }, name)),
          ),
        ),
        body,
      ),
    ),
  );
  const work = await open();
  const { simd, threads } = await work.engine();
  told.textContent = `${threads === 1 ? "One thread" : `${threads} threads`}, ${simd} SIMD. Running loads onnxruntime-web and jax-js, 15 MB.`;
  await note(
    "Random weights, the same for both; they take turns in one worker, and medians are compared. A tab has neighbours: run it twice, with nothing else open.",
  );

  async function run(): Promise<void> {
    start.disabled = true;
    rows.length = 0;
    show();
    told.textContent = "Running, about fifteen seconds…";
    try {
      await work.run(
        proxy((row: Row) => {
          rows.push(row);
          show();
        }),
      );
      told.textContent = `${threads === 1 ? "One thread" : `${threads} threads`}, ${simd} SIMD.`;
      copy.disabled = false;
    } catch (error) {
      told.textContent = `It can't be run here: ${error instanceof Error ? error.message : String(error)}`;
    }
    start.disabled = false;
  }

  const cells = ({ name, peer, ours, theirs, apart }: Row): readonly string[] => [
    name,
    peer,
    `${ours.toFixed(2)} ms`,
    `${theirs.toFixed(2)} ms`,
    `${(theirs / ours).toFixed(2)} ×`,
    apart.toExponential(1),
  ];

  function show(): void {
    body.replaceChildren(
      ...rows.map((row) =>
        h(
          "tr",
          {},
          cells(row).map((text, i) => h(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, text)),
        ),
      ),
    );
  }

  async function copyText(): Promise<void> {
    const lines = rows.map((row) => `| ${cells(row).join(" | ")} |`);
    const text = [
      `| ${HEADINGS.join(" | ")} |`,
      "|---|---|--:|--:|--:|--:|",
      ...lines,
      "",
      `${threads} threads, ${simd} SIMD, ${navigator.userAgent}`,
    ].join("\n");
    await navigator.clipboard.writeText(text);
    told.textContent = "Copied as a Markdown table.";
  }
};
