/** The tables that `load` finds classes by. */
import { type AutoFamilies, PretrainedModel } from "@x/layers/model";

/** Names of the classes of models that a door has and the table hasn't. */
export async function unfoundClasses<Heads>(door: object, { families }: AutoFamilies<Heads>): Promise<string[]> {
  const found = new Set<unknown>();
  for (const classes of Object.values(families)) for (const Class of Object.values(await classes())) found.add(Class);
  const isModel = (value: unknown): boolean =>
    typeof value === "function" && value.prototype instanceof PretrainedModel && Object.hasOwn(value, "family");
  return Object.entries(door).flatMap(([name, value]) => (isModel(value) && !found.has(value) ? [name] : []));
}
