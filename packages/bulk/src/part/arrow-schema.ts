import type { Field, Schema } from "apache-arrow";
import type { Columns, ColumnType } from "../row.ts";

type Arrow = typeof import("apache-arrow");

/** Columns as Arrow calls them: vectors are lists of fixed size. */
export const arrowSchemaOf = (columns: Columns, arrow: Arrow): Schema =>
  new arrow.Schema(Object.entries(columns).map(([name, type]) => fieldOf(name, type, arrow)));

function fieldOf(name: string, type: ColumnType, arrow: Arrow): Field {
  const { Bool, Field, FixedSizeList, Float32, Float64, Int8, Int64, Utf8 } = arrow;
  if (typeof type === "object") {
    const element = new Field("element", type.vector === "float32" ? new Float32() : new Int8(), false);
    return new Field(name, new FixedSizeList(type.width, element), true);
  }
  const plain = { string: Utf8, json: Utf8, number: Float64, integer: Int64, boolean: Bool } as const;
  return new Field(name, new plain[type](), true);
}

/** The other way. Texts that are JSON are texts then. */
export const columnsOf = ({ fields }: Schema, { DataType }: Arrow): Columns =>
  Object.fromEntries(
    fields.map(({ name, type }): [string, ColumnType] => {
      if (DataType.isFixedSizeList(type))
        return [name, { vector: DataType.isFloat(type.children[0]?.type) ? "float32" : "int8", width: type.listSize }];
      if (DataType.isBool(type)) return [name, "boolean"];
      return [name, DataType.isInt(type) ? "integer" : DataType.isFloat(type) ? "number" : "string"];
    }),
  );
