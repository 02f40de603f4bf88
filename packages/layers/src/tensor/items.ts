/** What an array, a map (keys, too), a set or a plain object holds; undefined of anything else. */
export function itemsOf(value: object): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (value instanceof Set) return [...value];
  const kind: unknown = Object.getPrototypeOf(value);
  return kind === null || kind === Object.prototype ? Object.values(value) : undefined;
}
