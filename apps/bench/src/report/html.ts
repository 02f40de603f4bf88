import { type Block, type Cell, textOf } from "./blocks.ts";

const style = `
:root { color-scheme: light dark; --ink: #222; --quiet: #666; --paper: #fbfaf8; --line: #e3e0da; --good: #1a7f37; --poor: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #dedad3; --quiet: #9c978e; --paper: #1b1a18; --line: #3a3835; --good: #57b96c; --poor: #d5a03c; } }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1040px; margin: 40px auto; padding: 0 20px; }
h1 { font-size: 30px; margin-bottom: 4px; } h2 { margin: 56px 0 8px; font-size: 22px; } h3 { margin: 36px 0 4px; font-size: 17px; }
p { max-width: 80ch; margin: 8px 0; } code { font-size: 0.88em; } summary { cursor: pointer; color: var(--quiet); } details { margin: 12px 0; }
.figures { display: flex; flex-wrap: wrap; gap: 16px 32px; margin: 16px 0; } figure { margin: 0; } svg { max-width: 100%; height: auto; }
svg text { fill: var(--ink); } svg .role-axis-grid line { stroke: var(--line); } svg .role-axis-domain line, svg .role-axis-tick line { stroke: var(--quiet); }
.table { overflow-x: auto; margin: 12px 0; } table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
th { font-weight: 600; } .words { text-align: left; white-space: normal; } .good { color: var(--good); } .poor { color: var(--poor); }`;

/** A page of its own, without scripts; light or dark, as its reader's system is. */
export function html(title: string, blocks: readonly Block[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>${style}</style>
<h1>${escape(title)}</h1>
${blocks.map(render).join("\n")}
</html>
`;
}

function render(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `<h${block.level}>${inline(block.text)}</h${block.level}>`;
    case "text":
      return `<p>${inline(block.text)}</p>`;
    case "figures":
      return `<div class="figures">${block.figures.map(({ svg }) => `<figure>${svg}</figure>`).join("")}</div>`;
    case "fold":
      return `<details><summary>${inline(block.summary)}</summary>\n${block.blocks.map(render).join("\n")}\n</details>`;
    case "table": {
      const { columns, lines } = block;
      const head = columns.map(({ title, numeric }) => `<th${classes(!numeric && "words")}>${inline(title)}</th>`).join("");
      const cell = (it: Cell, column: number): string =>
        `<td${classes(!columns[column]?.numeric && "words", typeof it !== "string" && it.tone)}>${inline(textOf(it))}</td>`;
      const body = lines.map((cells) => `<tr>${cells.map(cell).join("")}</tr>`).join("\n");
      return `<div class="table"><table><tr>${head}</tr>\n${body}</table></div>`;
    }
  }
}

function classes(...names: readonly (string | false)[]): string {
  const some = names.filter(Boolean);
  return some.length > 0 ? ` class="${some.join(" ")}"` : "";
}

const inline = (text: string): string =>
  escape(text)
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
