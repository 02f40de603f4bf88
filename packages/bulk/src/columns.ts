/** Which type a column has, found out from its values. */
import type { Json } from "@x/layers/model";
import type { Columns, ColumnType, Row } from "./row.ts";

type PlainType = Extract<ColumnType, string>;

export class ColumnTypes {
  readonly #types = new Map<string, PlainType | undefined>();

  add(row: Row): void {
    for (const [name, value] of Object.entries(row)) {
      const before = this.#types.get(name);
      const type = typeOf(value);
      if (type !== undefined || !this.#types.has(name)) this.#types.set(name, joined(before, type));
    }
  }

  get names(): string[] {
    return [...this.#types.keys()];
  }

  /** Of the columns that are asked for, in that order; one without any value is a text. */
  of(names: readonly string[]): Columns {
    return Object.fromEntries(names.map((name) => [name, this.#types.get(name) ?? "string"]));
  }
}

function typeOf(value: Json): PlainType | undefined {
  if (value === null) return undefined;
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number";
  if (typeof value === "string" || typeof value === "boolean") return typeof value === "string" ? "string" : "boolean";
  return "json";
}

/** What both fit into. */
function joined(a: PlainType | undefined, b: PlainType | undefined): PlainType | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  const isNumber = (type: PlainType): boolean => type === "integer" || type === "number";
  return isNumber(a) && isNumber(b) ? "number" : "json";
}
