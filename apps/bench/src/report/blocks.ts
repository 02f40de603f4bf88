/** What a report is made of, before it becomes a page (html.ts) or a document (markdown.ts). */

/** Text may hold `code` in backticks and **stress**. */
export type Block =
  | { readonly kind: "heading"; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | Table
  | Figures
  | { readonly kind: "fold"; readonly summary: string; readonly blocks: readonly Block[] };

export interface Table {
  readonly kind: "table";
  readonly columns: readonly Column[];
  readonly lines: readonly (readonly Cell[])[];
}

export interface Column {
  readonly title: string;
  readonly numeric: boolean;
}

/** Its tone says whether that is good for us. */
export type Cell = string | { readonly text: string; readonly tone: "good" | "poor" };

/** Pictures that stand side by side where there is room. */
export interface Figures {
  readonly kind: "figures";
  readonly figures: readonly Figure[];
}

export interface Figure {
  /** Of its file, and unique: "matmul-ratios". */
  readonly name: string;
  /** What it shows, for those who don't see it. */
  readonly alt: string;
  readonly svg: string;
}

export const heading = (level: 2 | 3, text: string): Block => ({ kind: "heading", level, text });
export const text = (...sentences: readonly string[]): Block => ({ kind: "text", text: sentences.join(" ") });
export const words = (title: string): Column => ({ title, numeric: false });
export const numbers = (title: string): Column => ({ title, numeric: true });

export const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);
