/** What a column's values stand for. */
import { resolve } from "node:path";
import { ArgumentError } from "@x/layers";
import type { ImageInput } from "@x/models-vision";
import { type Json, shown } from "@x/layers/model";
import { isS3, type ObjectStore, openObjectStore, s3PartsOf } from "../storage/s3.ts";

/** @throws ArgumentError when one isn't a text */
export const textsOf = (items: readonly Json[]): string[] => items.map((item) => textOf(item, "a text"));

/**
 * Pictures by what a column says of each: a path from a base, or an address, also of object storage.
 * @returns a function that throws ArgumentError about an item that names no picture
 */
export function picturesFrom(base: string): (items: readonly Json[]) => ImageInput[] {
  let store: Promise<ObjectStore> | undefined;
  const objectAt = (place: string): ImageInput => ({
    async arrayBuffer() {
      const { bucket, key } = s3PartsOf(place);
      const bytes = await (await (store ??= openObjectStore())).get(bucket, key);
      if (!bytes) throw new ArgumentError("bulk", "a picture is there", `there is no ${place}`);
      return bytes.slice().buffer;
    },
  });
  return (items) =>
    items.map((item) => {
      const named = textOf(item, "a picture's file or address");
      if (/^(https?|data|file):/i.test(named)) return named;
      if (!isS3(named) && !isS3(base)) return resolve(base, named);
      return objectAt(isS3(named) ? named : `${base}/${named}`);
    });
}

function textOf(item: Json, what: string): string {
  if (typeof item === "string" && item !== "") return item;
  throw new ArgumentError("bulk", `an item is ${what}`, item === null ? "it is missing" : `it is ${shown(item)}`);
}
