import type { Json } from "@x/layers/model";

/** A row of the input or of the result, by the names of its columns. */
export type Row = Readonly<Record<string, Json>>;

/** What a column of the result holds. "json" is anything that JSON can say, as text. */
export type ColumnType = "string" | "number" | "integer" | "boolean" | "json" | VectorType;

export interface VectorType {
  readonly vector: "float32" | "int8";
  /** How many numbers each has. */
  readonly width: number;
}

export type Columns = Readonly<Record<string, ColumnType>>;

/** A value of the result; null where an item was bad. */
export type Cell = Json | Float32Array | Int8Array;

export type Cells = Readonly<Record<string, Cell>>;

/** Why an item couldn't be dealt with. */
export class BadItem {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** A row of the errors file. */
export interface Failure {
  /** Its place in the input, from 0 on. */
  readonly row: number;
  readonly why: string;
  readonly item: Json;
}
