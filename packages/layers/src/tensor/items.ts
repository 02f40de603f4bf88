import { kindOf } from "../errors.ts";

const isMap = (value: unknown): value is ReadonlyMap<unknown, unknown> => kindOf(value) === "Map";
const isSet = (value: unknown): value is ReadonlySet<unknown> => kindOf(value) === "Set";

/** What an array, a map (keys, too), a set or a plain object holds; undefined of anything else. */
export function itemsOf(value: object): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (isMap(value)) return [...value.keys(), ...value.values()];
  if (isSet(value)) return [...value];
  const kind: unknown = Object.getPrototypeOf(value);
  return kind === null || Object.getPrototypeOf(kind) === null ? Object.values(value) : undefined;
}
