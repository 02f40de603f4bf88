import { TensorError } from "@x/layers";

/** The published size of a name. @param preset the function's name, for the message @throws TensorError when there is none of that name */
export function presetOf<Size>(preset: string, sizes: Readonly<Record<string, Size>>, name: string): Size {
  const found = Object.hasOwn(sizes, name) ? sizes[name] : undefined;
  if (found !== undefined) return found;
  throw new TensorError(`${preset}: expected one of ${Object.keys(sizes).join(", ")}, but found "${name}"`);
}
