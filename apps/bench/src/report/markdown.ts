import { type Block, type Column, type Figure, type Table, textOf } from "./blocks.ts";

/** @param figure gives what stands for a picture; without it there are none */
export function markdown(blocks: readonly Block[], figure?: (figure: Figure) => string): string {
  return `${blocks
    .map((block) => render(block, figure))
    .filter(Boolean)
    .join("\n\n")}\n`;
}

function render(block: Block, figure?: (figure: Figure) => string): string {
  switch (block.kind) {
    case "heading":
      return `${"#".repeat(block.level)} ${block.text}`;
    case "text":
      return block.text;
    case "table":
      return tableMarkdown(block);
    case "figures":
      return figure ? block.figures.map(figure).join("\n") : "";
    case "fold":
      return `<details><summary>${block.summary}</summary>\n\n${markdown(block.blocks, figure)}\n</details>`;
  }
}

export function tableMarkdown({ columns, lines }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = ({ numeric }: Column): string => (numeric ? "--:" : "---");
  return [line(columns.map(({ title }) => title)), line(columns.map(rule)), ...lines.map((cells) => line(cells.map(textOf)))].join("\n");
}
