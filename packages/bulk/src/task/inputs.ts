/** What a column's values stand for. */
import { resolve } from "node:path";
import { ArgumentError } from "@x/layers";
import { type Json, shown } from "@x/layers/model";

/** @throws ArgumentError when one isn't a text */
export const textsOf = (items: readonly Json[]): string[] => items.map((item) => textOf(item, "a text"));

/** Paths from a base, or addresses. @throws ArgumentError when one isn't */
export const picturesOf = (items: readonly Json[], base: string): string[] =>
  items.map((item) => {
    const place = textOf(item, "a picture's file or address");
    return /^(https?|data|file):/i.test(place) ? place : resolve(base, place);
  });

function textOf(item: Json, what: string): string {
  if (typeof item === "string" && item !== "") return item;
  throw new ArgumentError("bulk", `an item is ${what}`, item === null ? "it is missing" : `it is ${shown(item)}`);
}
