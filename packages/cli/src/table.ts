import stringWidth from "string-width";

export type Cell = string | number;

/** Rows with their columns aligned: numbers to the right, texts to the left. */
export function table(rows: readonly (readonly Cell[])[], indent = ""): string {
  const shown = rows.map((row) => row.map((cell) => (typeof cell === "number" ? number(cell) : printable(cell))));
  const widths = shown.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, stringWidth(cell))), []);
  const lines = shown.map((row, r) =>
    row.map((cell, i) => {
      const space = " ".repeat((widths[i] ?? 0) - stringWidth(cell));
      return typeof rows[r]?.[i] === "number" ? space + cell : cell + space;
    }),
  );
  return lines.map((cells) => `${indent}${cells.join("  ").trimEnd()}\n`).join("");
}

const number = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(4));

/** A text without what would move the cursor or change colours: files and names come from strangers. */
// oxlint-disable-next-line no-control-regex
export const printable = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "�");
