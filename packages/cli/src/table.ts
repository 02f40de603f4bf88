import stringWidth from "string-width";

export type Cell = string | number;

/** Rows with their columns aligned: texts to the left, numbers to the right, with four decimals unless a column has whole ones alone. */
export function table(rows: readonly (readonly Cell[])[], indent = ""): string {
  const isFraction = (column: number): boolean => rows.some((row) => typeof row[column] === "number" && !Number.isInteger(row[column]));
  const shown = rows.map((row) =>
    row.map((cell, i) => (typeof cell === "string" ? printable(cell) : isFraction(i) ? cell.toFixed(4) : String(cell))),
  );
  const widths = shown.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, stringWidth(cell))), []);
  const aligned = (cell: string, i: number, value: Cell | undefined): string => {
    const space = " ".repeat((widths[i] ?? 0) - stringWidth(cell));
    return typeof value === "number" ? space + cell : cell + space;
  };
  const lines = shown.map((row, r) => row.map((cell, i) => aligned(cell, i, rows[r]?.[i])).join("  "));
  return lines.map((line) => `${indent}${line.trimEnd()}\n`).join("");
}

/** A text without what would move the cursor or change colours: files and names come from strangers. */
// oxlint-disable-next-line no-control-regex
export const printable = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "�");
