import { ArgumentError } from "@x/layers";
import { shown } from "@x/layers/model";

/** @throws ArgumentError when one of the values isn't a whole number from 1 on */
export function checkWhole(where: string, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      throw new ArgumentError(where, `${name} must be a whole number from 1 on`, `is ${shown(value)}`);
  }
}
